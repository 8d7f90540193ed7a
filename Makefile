# `make check` is what has to hold before a change is handed in; `make deployed` builds the binaries and tries the
# deployed system in an emulator, a quarter of an hour at the first time. CI runs both, step by step.
CHECK = format lint structure docs dependencies template watch webhooks clients look schemathesis test
DEPLOYED = build guard replay emulator lifecycle end-to-end sam-local
.PHONY: check deployed steps tools programs bench newest-lint documents package $(CHECK) $(DEPLOYED)

check: $(CHECK)

deployed: $(DEPLOYED)

steps:
	@echo $(CHECK) $(DEPLOYED)

tools:
	.ci/install-tools

# What most steps run. With all targets, so that it is what `cargo test` builds too, and not almost the same.
programs:
	cargo build --locked --workspace --all-targets

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
	.ci/features.py

template:
	.ci/template

watch: programs
	.ci/watch

webhooks:
	.ci/webhooks

clients: programs
	.venv/bin/python .ci/clients/run

look: programs
	.venv/bin/python .ci/look/run

schemathesis: programs
	.ci/schemathesis/run

test:
	cargo test --locked

build:
	.ci/build

guard: programs
	target/debug/bench guard .aws-sam/build

# The tables and plots of docs/PERFORMANCE.md on the functions, beside their peers; half an hour at the first time.
bench: build
	tools/bench/peers/build
	cargo run --release --locked --package bench -- speed .aws-sam/build

replay: programs
	.venv/bin/python .ci/replay.py x86_64
	.venv/bin/python .ci/replay.py arm64

emulator:
	.venv/bin/python .ci/emulator_test.py

lifecycle: programs
	.venv/bin/python .ci/lifecycle.py

end-to-end: programs
	.venv/bin/python .ci/end_to_end.py

sam-local: programs
	.venv/bin/python .ci/sam-local

package:
	.venv/bin/python .ci/package.py

# Whether the newest SAM CLI and cfn-lint take the template too; no step of CI, since what is new is not pinned.
newest-lint:
	.ci/newest-lint

# What is made of the code and committed. The tests say when it is due.
documents: programs
	target/debug/inboundflow openapi >docs/openapi.json
	target/debug/inboundflow openapi --postman >docs/postman.json
	target/debug/inboundflow ingest --schema >docs/ingest.schema.json

structure:
	python3 .ci/structure.py
