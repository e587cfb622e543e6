# Everything a new machine needs is installed by these targets; they say what they install.
#
#   make demo     the main job on a VM host, with progress
#   make test     lints, unit tests, acceptance tests on both kinds of host
#   make docs     the pages of the registry, from schemas and examples
#   make bench    start-up, memory, contact and fleet figures as a table and target/bench.json
#   make faults   16 faults at 5 steps of 7 changes; target/faults.md and target/faults.json
#   make agent    nmstate itself, for hosts without nmstatectl, as target/agents/nmstate-agent-MACHINE
#   make collection the Ansible collection as target/nmstate-host-VERSION.tar.gz
#   make roundtrip documents through Terraform and back; target/roundtrip.json
#   make opentofu TOFU='PATH PATH' scenarios on these programs; target/scenarios.json
#   make sequences random sequences of configurations against a host in memory
#   make sequences-hosts the same on namespace hosts; target/sequences.json
#   make fuzz     parser, comparison and wire decoder on random input, 10 minutes each
#   make lab-down end all lab hosts of this checkout

export CARGO_TERM_COLOR ?= auto
# NMSTATE_TERRAFORM=PATH, a Terraform or an OpenTofu, is what everything here plans and applies with.
# Built once and kept between clean checkouts when it points elsewhere.
export NMSTATE_LAB_CACHE ?= $(CURDIR)/target/lab-cache
# Where setup.sh puts cargo-nextest when there is none, or an old one.
export PATH := $(NMSTATE_LAB_CACHE)/bin:$(PATH)

TARGET = $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
# Never with -p, nor with --exclude: all is built with the same features, so what is shared is built
# once.
LAB = cargo run -q --bin lab --

# What the agent and the module are built for: this machine, or MACHINE=aarch64. With musl it needs
# nothing of its hosts; where Rust has no musl, the C library of the compiler is linked in.
MACHINE ?= $(shell uname -m)
MUSL = $(MACHINE)-unknown-linux-musl
MODULE_TARGET = $(if $(wildcard $(shell rustc --print target-libdir --target $(MUSL))),$(MUSL),$(MACHINE)-unknown-linux-gnu)
# Another machine's code is linked by its own compiler, `gcc-aarch64-linux-gnu` in Debian.
ifneq ($(MACHINE),$(shell uname -m))
CROSS = $(MACHINE)-linux-gnu-gcc
export CARGO_TARGET_$(shell echo $(MODULE_TARGET) | tr a-z- A-Z_)_LINKER ?= $(CROSS)
endif
# Static; and functions with the same code are one, where Rust brings a linker that can do that.
MODULE_FLAGS = -C target-feature=+crt-static \
	$(if $(filter x86_64-unknown-linux-gnu,$(MODULE_TARGET)),-C link-arg=-Wl$(comma)--icf=all)
comma := ,
COLLECTION = $(TARGET)/collection/ansible_collections/nmstate/host

# Each cargo uses all cores, and some goals go before others.
.NOTPARALLEL:
.PHONY: demo test lint unit acceptance programs docs bench faults roundtrip opentofu sequences \
	sequences-hosts fuzz agent \
	collection setup \
	setup-test setup-release setup-fuzz build build-failpoints lab-down

# The host starts while the provider compiles. The unoptimised provider: it waits for the host
# nearly all the time, and builds in less.
demo: export NMSTATE_DEMO_BEGUN := $(shell date +%s)
demo: setup
	@echo "starting the host while the provider compiles"
	@$(TARGET)/debug/lab up --kind vm --name-prefix demo >/dev/null & host=$$!; \
	cargo build --bin terraform-provider-nmstate --bin demo || exit; wait $$host || exit; \
	NMSTATE_PROVIDER=$(TARGET)/debug/terraform-provider-nmstate $(TARGET)/debug/demo

# The lab is made ready while the tests compile: it waits for packages, the one processor of a
# machine that boots, and a compiler's last step, and so do they.
test: setup-test
	@echo "the lab is made ready while the tests compile"
	@$(TARGET)/debug/lab prepare & lab=$$!; status=0; \
	$(MAKE) --no-print-directory lint unit programs || status=$$?; wait $$lab && exit $$status
	@$(MAKE) --no-print-directory acceptance

lint: setup
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

# Everything but the acceptance tests needs no host, but the plugin protocol a Terraform.
unit: setup-test
	terraform=$$($(LAB) terraform) && TERRAFORM=$$terraform \
	cargo nextest run --workspace -E 'not package(acceptance-tests)'

# TESTS=lifecycle runs those with this in their name. NMSTATE_TERRAFORM may lack something: then what
# it cannot run is listed at the end.
acceptance: setup-test programs
	$(LAB) prepare
	profile=$$($(LAB) accelerator) || exit; export NEXTEST_PROFILE=$$profile; status=0; \
	$(if $(NMSTATE_TERRAFORM),$(TARGET)/debug/scenarios --all --program '$(NMSTATE_TERRAFORM)' $(TESTS), \
		cargo nextest run --workspace -E 'package(acceptance-tests)' $(TESTS)) || status=$$?; \
	$(LAB) down 2>/dev/null; exit $$status

# The programs under test are built before the tests that look for them.
programs: build-failpoints build collection

build: setup
	cargo build --bins

# Its transactions can be held at a step (`FAILPOINTS`). The program keeps a place of its own; `build`
# comes after it.
build-failpoints: setup
	cargo build --bin terraform-provider-nmstate --features terraform-provider-nmstate/failpoints
	@mkdir -p $(TARGET)/debug/failpoints
	@ln -f $(TARGET)/debug/terraform-provider-nmstate $(TARGET)/debug/failpoints/

docs: setup
	cargo run -q --bin docs

# FAULTS='vm power-loss' runs those that have these words. Goes on where it was ended.
faults: setup-test build-failpoints build
	$(LAB) prepare
	$(TARGET)/debug/faults $(FAULTS)

# ROUNDTRIP='namespace as-written' runs those that have these words. Goes on where it was ended.
roundtrip: setup-test build
	$(LAB) prepare
	$(TARGET)/debug/roundtrip $(ROUNDTRIP)

# Every scenario that plans or applies, on each of these programs. Records what works where, of which
# the page is made.
opentofu: setup-test programs
	$(LAB) prepare
	profile=$$($(LAB) accelerator) || exit; export NEXTEST_PROFILE=$$profile; status=0; NMSTATE_RECORD=1 \
	$(TARGET)/debug/scenarios $(addprefix --program ,$(or $(TOFU),$(error make opentofu TOFU='PATH PATH'))) \
		$(TESTS) || status=$$?; \
	$(LAB) down 2>/dev/null; cargo run -q --bin docs; exit $$status

# SEQUENCES=17000 of six runs each are 100,000 steps; `make test` has 100. SEQUENCE=62 is that one
# alone, and says what is sent.
SEQUENCES ?= 2000
sequences: setup
	SEQUENCES=$(SEQUENCES) cargo test --profile model --workspace --lib -- sequences:: --nocapture

# 50 of six steps each. Goes on where it was ended.
sequences-hosts: setup-test build
	$(LAB) prepare
	rm -rf $(TARGET)/sequences
	SEQUENCES=50 SEQUENCES_WRITE=$(TARGET)/sequences cargo test --workspace --lib -- sequences::
	$(TARGET)/debug/sequences $(TARGET)/sequences

# What the provider brings along to hosts without nmstatectl: in a release it is beside the provider.
agent: setup
	RUSTFLAGS="$(MODULE_FLAGS)" cargo build --profile module -p nmstate-ansible --target $(MODULE_TARGET)
	@mkdir -p $(TARGET)/agents
	cp $(TARGET)/$(MODULE_TARGET)/module/nmstate $(TARGET)/agents/nmstate-agent-$(MACHINE)

# A directory that Ansible finds collections in, and the tarball that is published. It has the module
# for each machine that an agent was built for.
collection: agent
	rm -rf $(COLLECTION)
	mkdir -p $(COLLECTION)/plugins/modules/__bin
	cp -R ansible-module/collection/. LICENSE $(COLLECTION)
	for agent in $(TARGET)/agents/nmstate-agent-*; do \
		cp $$agent $(COLLECTION)/plugins/modules/__bin/nmstate_$${agent##*-agent-} || exit; \
	done
	$(LAB) ansible galaxy collection build --force --output-path $(TARGET) $(COLLECTION)

# BENCH=fleet measures that part alone.
bench: setup-release setup-test collection
	cargo build -q --release -p terraform-provider-nmstate --features vendored-openssl
	cargo bench -q --no-run -p nmstate-schema --bench scale
	NMSTATE_PROVIDER=$(TARGET)/release/terraform-provider-nmstate cargo run -q --bin bench -- $(BENCH)

# FUZZ_SECONDS=60 shortens it. What is found is kept in fuzz/artifacts, what leads to new code in
# fuzz/corpus. Without a sanitizer, which the stable toolchain has not; there is no unsafe code.
FUZZ_SECONDS ?= 600
fuzz: setup-fuzz
	for target in document comparison wire; do \
		mkdir -p fuzz/corpus/$$target; \
		cargo fuzz run --sanitizer none $$target fuzz/corpus/$$target fuzz/seeds/$$target -- \
			-max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
			-print_final_stats=1 || exit; \
	done

setup-test:
	@./setup.sh test

setup-fuzz:
	@./setup.sh fuzz

setup-release:
	@./setup.sh release

setup:
	@./setup.sh

lab-down:
	$(LAB) down
