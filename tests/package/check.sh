#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Builds the Debian packages and has them judged: built twice with equal sums, blhc, lintian, installed in a bare Debian
# and run there under a real systemd, autopkgtest, piuparts. Needs root and Debian's archive; takes some minutes.
#
#   bash tests/package/check.sh            one line a judge; exit 1 if one is not content
#   bash tests/package/check.sh lintian    the judges of that name alone, on what is there
#   KEEP=1 bash tests/package/check.sh     leaves the Debian where it was installed, in build/package/root
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

built_twice() {
    sh packaging/build-deb.sh "$OUT/again"
    (cd "$OUT" && sha256sum -- *.deb) | (cd "$OUT/again" && sha256sum --check -)
}

# A Debian with nothing in it but systemd; kept, so that it is fetched once.
make_base() {
    [ -s "$OUT/base.tar.gz" ] || mmdebstrap --variant=minbase --include=ca-certificates,systemd,systemd-sysv,procps,passwd,adduser \
        "$SUITE" "$OUT/base.tar.gz" "deb $MIRROR $SUITE main" "deb http://deb.debian.org/debian-security $SUITE-security main"
}

in_root() {
    chroot "$OUT/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"
}

# As an administrator would, from files; nothing starts in there.
install_packages() {
    rm -rf "$OUT/root"
    mkdir "$OUT/root"
    tar -C "$OUT/root" -xzf "$OUT/base.tar.gz"
    cp /etc/resolv.conf "$OUT/root/etc/resolv.conf"
    printf '#!/bin/sh\nexit 101\n' >"$OUT/root/usr/sbin/policy-rc.d"
    chmod 755 "$OUT/root/usr/sbin/policy-rc.d"
    cp "$OUT"/*.deb "$OUT/root/tmp"
    in_root apt-get -qq update
    in_root sh -c 'apt-get -qq install -y --no-install-recommends openmpi-bin /tmp/*.deb'
    rm "$OUT/root/usr/sbin/policy-rc.d"
}

says_what_to_do() {
    grep -q 'dropmill setup /srv/pictures' "$OUT/judge-installed-by-apt.log"
}

# A skip is no answer here.
run_service() {
    PACKAGE_ROOT=$OUT/root BUILD=$PWD/build/release prove --verbose --exec '' tests/package/installed_service.t >"$OUT/service.tap" ||
        { grep -A 3 '^not ok' "$OUT/service.tap"; return 1; }
    ! grep -q '^1\.\.0' "$OUT/service.tap"
}

# debian/tests in the same Debian; what it installs stays there.
run_autopkgtest() {
    rm -rf "$OUT/tests"
    mkdir "$OUT/tests"
    git archive HEAD debian | tar -x -C "$OUT/tests"
    # A chroot has no /proc of its own, and without one nothing can be jailed.
    # shellcheck disable=SC2016 # the inner shell expands it
    unshare --mount sh -c 'mount -t proc proc "$1/root/proc" && cd "$1" &&
        autopkgtest --no-built-binaries dropmill_*.deb "$1/tests" -- chroot "$1/root"' sh "$OUT"
}

run_piuparts() {
    piuparts --no-eatmydata --basetgz="$OUT/base.tar.gz" --distribution="$SUITE" --mirror="$MIRROR main" \
        --warn-on-leftovers-after-purge "$OUT"/dropmill_*.deb "$OUT"/dropmill-page_*.deb "$OUT"/dropmill-doc_*.deb
}

sh packaging/deps.sh test package judges
make -s -j "$(nproc)"
mkdir -p "$OUT"
judge "build" sh packaging/build-deb.sh "$OUT"
judge "hardening by blhc" blhc --all "$OUT/build.log"
judge "lintian" lintian --fail-on error,warning --display-info --tag-display-limit 0 --allow-root "$OUT"/dropmill_*.changes
judge "bare Debian" make_base
judge "installed by apt" install_packages
judge "says what to do" says_what_to_do
judge "run by systemd" run_service
judge "autopkgtest" run_autopkgtest
judge "piuparts" run_piuparts
judge "built twice alike" built_twice
[ -n "${KEEP:-}" ] || rm -rf "$OUT/root" "$OUT/again" "$OUT/source"
exit $((failures > 0))
