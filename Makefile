# Everything a new machine needs is installed by these targets; they say what they install.
#
#   make demo     the main job on a VM host, with progress
#   make test     lints, unit tests, acceptance tests on both kinds of host
#   make bench    start-up, memory and contact figures as a table and target/bench.json
#   make lab-down end all lab hosts of this checkout

export CARGO_TERM_COLOR ?= auto
# Built once and kept between clean checkouts when it points elsewhere.
export NMSTATE_LAB_CACHE ?= $(CURDIR)/target/lab-cache

TARGET = $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
LAB = cargo run -q -p acceptance-tests --bin lab --

.PHONY: demo test lint unit acceptance bench setup setup-test setup-release build lab-down

# The unoptimised provider: it waits for the host nearly all the time, and builds in less.
demo: setup build
	NMSTATE_PROVIDER=$(TARGET)/debug/terraform-provider-nmstate cargo run -q -p acceptance-tests --bin demo

test: lint unit acceptance

lint: setup
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

# Everything but the acceptance tests needs no host.
unit: setup-test
	cargo nextest run --workspace --exclude acceptance-tests

# The program under test is built before the tests that look for it.
acceptance: setup-test build
	$(LAB) prepare
	status=0; cargo nextest run -p acceptance-tests || status=$$?; $(LAB) down 2>/dev/null; exit $$status

build: setup
	cargo build -p terraform-provider-nmstate -p acceptance-tests

bench: setup-release
	cargo build -q --release -p terraform-provider-nmstate --features vendored-openssl
	cargo build -q -p acceptance-tests
	NMSTATE_PROVIDER=$(TARGET)/release/terraform-provider-nmstate cargo run -q -p acceptance-tests --bin bench

setup-test:
	@./setup.sh test

setup-release:
	@./setup.sh release

setup:
	@./setup.sh

lab-down:
	$(LAB) down
