# `make check` is what has to hold before a change is handed in; CI runs the same.
.PHONY: check format lint docs test dependencies watch tools

check: format lint docs dependencies watch test

tools:
	.ci/install-tools

format:
	cargo fmt --all --check

lint:
	cargo clippy --workspace --all-targets --locked -- -D warnings

docs:
	RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked

dependencies:
	cargo deny --locked check bans licenses sources
	cargo machete

watch:
	.ci/watch

test:
	cargo test --locked
