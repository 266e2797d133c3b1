#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Builds the Debian packages and has them judged: built twice with equal sums, blhc, lintian, installed in a bare Debian
# and run there under a real systemd, autopkgtest, piuparts; the container's image built and run; what is installed for
# other programs read by them. Needs root and Debian's archive; takes half an hour.
#
#   bash tests/package/check.sh            one line a judge; exit 1 if one is not content
#   bash tests/package/check.sh lintian    the judges of that name alone, on what is there
#   KEEP=1 bash tests/package/check.sh     leaves the Debian where it is installed, in build/package/root
set -euo pipefail
cd "$(dirname "$0")/../.."
OUT=$PWD/build/package
MIRROR=http://deb.debian.org/debian
SUITE=bookworm
failures=0
wanted=" $* "

judge() { # NAME COMMAND...
    local name=$1 log
    [ "$wanted" = "  " ] || [[ $wanted == *" ${name%% *} "* ]] || return 0
    log=$OUT/judge-${1// /-}.log
    shift
    if "$@" >"$log" 2>&1; then
        echo "ok   $name"
    else
        failures=$((failures + 1))
        echo "FAIL $name: $log"
        tail -n 25 "$log" | sed 's/^/     /'
    fi
}

# Elsewhere, one step at a time, nothing taken over from the first build, in another place on earth.
built_twice() {
    mkdir -p "$OUT/again/elsewhere"
    DEB_BUILD_OPTIONS=parallel=1 CCACHE_DISABLE=1 TZ=Pacific/Kiritimati LC_ALL=C.UTF-8 HOME=/nonexistent \
        sh packaging/build-deb.sh "$OUT/again/elsewhere"
    (cd "$OUT" && sha256sum -- *.deb) | (cd "$OUT/again/elsewhere" && sha256sum --check -)
}

# A Debian with nothing in it but systemd; kept, so that it is fetched once.
make_base() {
    [ -s "$OUT/base.tar.gz" ] || mmdebstrap --variant=minbase --include=ca-certificates,systemd,systemd-sysv,procps,passwd,adduser \
        "$SUITE" "$OUT/base.tar.gz" "deb $MIRROR $SUITE main" "deb http://deb.debian.org/debian-security $SUITE-security main"
}

in_root() {
    chroot "$OUT/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"
}

# A bare Debian that has the packages lie where README has them, and fetched what they want, for there is no network
# where it is booted.
make_root() {
    rm -rf "$OUT/root"
    mkdir "$OUT/root"
    tar -C "$OUT/root" -xzf "$OUT/base.tar.gz"
    cp /etc/resolv.conf "$OUT/root/etc/resolv.conf"
    echo 'APT::Get::Assume-Yes "true";' >"$OUT/root/etc/apt/apt.conf.d/nobody-is-asked"
    mkdir -p "$OUT/root/build/package"
    cp "$OUT"/*.deb "$OUT/root/build/package"
    in_root apt-get -qq update
    in_root sh -c 'apt-get -qq install --download-only /build/package/*.deb'
}

# A skip is no answer here.
run_tests() { # NAME TEST...
    local tap=$OUT/$1.tap
    shift
    BUILD=$PWD/build/release prove --verbose --exec '' "$@" >"$tap" || { grep -A 3 '^not ok' "$tap"; return 1; }
    ! grep '^1\.\.0\|# SKIP' "$tap"
}

run_service() {
    PACKAGE_ROOT=$OUT/root run_tests service tests/package/installed_service.t
}

# Debian without a registry, from which the Containerfile builds as it is.
make_image() {
    [ -s "$OUT/slim.tar" ] || mmdebstrap --variant=minbase \
        "$SUITE" "$OUT/slim.tar" "deb $MIRROR $SUITE main" "deb http://deb.debian.org/debian-security $SUITE-security main"
    mkdir -p "$OUT/images"
    printf '[storage]\ndriver = "overlay"\nrunroot = "%s/run"\ngraphroot = "%s"\n' "$OUT/images" "$OUT/images" >"$OUT/storage.conf"
    rm -rf "$OUT/sources"
    mkdir "$OUT/sources"
    git archive HEAD | tar -x -C "$OUT/sources"
    export CONTAINERS_STORAGE_CONF=$OUT/storage.conf
    podman import "$OUT/slim.tar" docker.io/library/debian:12-slim
    # Without the rights that a container of its own wants; compose.yaml's are those that count.
    podman build --pull=never --isolation chroot --network host --ulimit nofile=1024:1024 \
        -t dropmill -f packaging/container/Containerfile "$OUT/sources"
}

run_container() {
    IMAGES=$OUT/images run_tests container tests/package/container.t
}

# What is installed for other programs, and what people read.
run_readers() {
    run_tests readers tests/e2e/installed.t tests/e2e/documents.t tests/e2e/completion.t tests/e2e/metrics.t
}

# debian/tests in the same Debian; what it installs stays there.
run_autopkgtest() {
    rm -rf "$OUT/tests"
    mkdir "$OUT/tests"
    git archive HEAD debian | tar -x -C "$OUT/tests"
    # A chroot has no /proc of its own, and without one nothing can be jailed.
    # shellcheck disable=SC2016 # the inner shell expands it
    unshare --mount sh -c 'mount -t proc proc "$1/root/proc" && cd "$1" &&
        autopkgtest --no-built-binaries dropmill_*.deb dropmill-page_*.deb "$1/tests" -- chroot "$1/root"' sh "$OUT"
}

run_piuparts() {
    piuparts --no-eatmydata --basetgz="$OUT/base.tar.gz" --distribution="$SUITE" --mirror="$MIRROR main" \
        --warn-on-leftovers-after-purge "$OUT"/dropmill_*.deb "$OUT"/dropmill-page_*.deb "$OUT"/dropmill-doc_*.deb
}

sh packaging/deps.sh test page package judges container
make -s -j "$(nproc)" tests
mkdir -p "$OUT"
judge "build" sh packaging/build-deb.sh "$OUT"
judge "hardening by blhc" blhc --all "$OUT/build.log"
judge "lintian" lintian --fail-on error,warning --display-info --tag-display-limit 0 --allow-root "$OUT"/dropmill_*.changes
judge "readers of what is installed" run_readers
judge "bare Debian" make_base
judge "fetched" make_root
judge "service under systemd, as README says" run_service
judge "autopkgtest" run_autopkgtest
judge "piuparts" run_piuparts
judge "image by podman" make_image
judge "container by podman" run_container
judge "twice built, alike" built_twice
[ -n "${KEEP:-}" ] || rm -rf "$OUT"/{root,again,source,sources,images,tests}
exit $((failures > 0))
