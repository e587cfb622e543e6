# Everything a new machine needs is installed by these targets; they say what they install.
#
#   make demo     the main job on a VM host, with progress
#   make test     lints, unit tests, acceptance tests on both kinds of host
#   make docs     the pages of the registry, from schemas and examples
#   make bench    start-up, memory and contact figures as a table and target/bench.json
#   make faults   16 faults at 5 steps of 7 changes; target/faults.md and target/faults.json
#   make lab-down end all lab hosts of this checkout

export CARGO_TERM_COLOR ?= auto
# Built once and kept between clean checkouts when it points elsewhere.
export NMSTATE_LAB_CACHE ?= $(CURDIR)/target/lab-cache

TARGET = $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
# Never with -p: all binaries are built with the same features, so what they share is built once.
LAB = cargo run -q --bin lab --

.PHONY: demo test lint unit acceptance docs bench faults setup setup-test setup-release build \
	build-failpoints lab-down

# The host starts while the provider compiles. The unoptimised provider: it waits for the host
# nearly all the time, and builds in less.
demo: export NMSTATE_DEMO_BEGUN := $(shell date +%s)
demo: setup
	@echo "starting the host while the provider compiles"
	@$(TARGET)/debug/lab up --kind vm --name-prefix demo >/dev/null & host=$$!; \
	cargo build --bin terraform-provider-nmstate --bin demo || exit; wait $$host || exit; \
	NMSTATE_PROVIDER=$(TARGET)/debug/terraform-provider-nmstate $(TARGET)/debug/demo

test: lint unit acceptance

lint: setup
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

# Everything but the acceptance tests needs no host.
unit: setup-test
	cargo nextest run --workspace --exclude acceptance-tests

# The program under test is built before the tests that look for it.
acceptance: setup-test build-failpoints build
	$(LAB) prepare
	status=0; cargo nextest run -p acceptance-tests || status=$$?; $(LAB) down 2>/dev/null; exit $$status

build: setup
	cargo build --bins

# Its transactions can be held at a step (`FAILPOINTS`). With the same packages as `build`, so that
# what does not depend on the feature is built once; the program keeps a place of its own.
build-failpoints: setup
	cargo build --bins --features terraform-provider-nmstate/failpoints
	@mkdir -p $(TARGET)/debug/failpoints
	@ln -f $(TARGET)/debug/terraform-provider-nmstate $(TARGET)/debug/failpoints/

docs: setup
	cargo run -q --bin docs

# Hours for all of them: FAULTS='vm power-loss' runs those that have these words. Goes on where it
# was ended.
faults: setup-test build-failpoints
	$(LAB) prepare
	$(TARGET)/debug/faults $(FAULTS)

bench: setup-release
	cargo build -q --release -p terraform-provider-nmstate --features vendored-openssl
	NMSTATE_PROVIDER=$(TARGET)/release/terraform-provider-nmstate cargo run -q --bin bench

setup-test:
	@./setup.sh test

setup-release:
	@./setup.sh release

setup:
	@./setup.sh

lab-down:
	$(LAB) down
