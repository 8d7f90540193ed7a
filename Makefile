# `make check` is what has to hold before a change is handed in; `make deployed` builds the binaries and tries the
# deployed system in an emulator, a quarter of an hour at the first time. CI runs both.
.PHONY: check format lint docs dependencies template watch webhooks clients look schemathesis test deployed build guard \
	replay emulator end-to-end sam-local tools bench newest-lint

check: format lint docs dependencies template watch webhooks clients look schemathesis test

deployed: build guard replay emulator end-to-end sam-local

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
	.ci/advisories
	cargo machete

template:
	.ci/template

watch:
	.ci/watch

webhooks:
	.ci/webhooks

clients:
	cargo build --locked --workspace
	.venv/bin/python .ci/clients/run

look:
	cargo build --locked --workspace
	.venv/bin/python .ci/look/run

schemathesis:
	cargo build --locked --workspace
	.ci/schemathesis/run

test:
	cargo test --locked

build:
	.ci/build

guard:
	cargo run --locked --package bench -- guard .aws-sam/build

# The tables and plots of docs/PERFORMANCE.md on the functions, beside their peers; half an hour at the first time.
bench: build
	tools/bench/peers/build
	cargo run --release --locked --package bench -- speed .aws-sam/build

replay:
	cargo build --locked --workspace
	.venv/bin/python .ci/replay.py

emulator:
	.venv/bin/python .ci/emulator_test.py

end-to-end:
	cargo build --locked --workspace
	.venv/bin/python .ci/end_to_end.py

sam-local:
	cargo build --locked --workspace
	.ci/sam-local

# Whether the newest SAM CLI and cfn-lint take the template too; no step of CI, since what is new is not pinned.
newest-lint:
	.ci/newest-lint
