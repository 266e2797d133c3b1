#!/bin/bash
# SPDX-License-Identifier: MIT
# What the Containerfile does, in a root that is thrown away, without its engine: what is installed, with start.sh as the
# first process of namespaces of its own, as users that numbers name: a share as a volume, a picture in, a result out.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/lib/systemd.sh"
[ -n "${OWN_NAMESPACES:-}" ] || skip_all "a root of its own needs root and namespaces"

lay_root
env -u MAKEFLAGS -u MAKELEVEL make -s -C "$ROOT" install VARIANT="$(basename "$BUILD")" PREFIX=/usr DESTDIR="$SYSTEM" >"$WORK/install" 2>&1 ||
    { sed 's/^/# /' "$WORK/install"; exit 1; }
install -D -t "$SYSTEM/usr/local/lib/dropmill" "$ROOT/packaging/container/start.sh"
mkdir -p "$WORK/volume" "$SYSTEM/share"
mount --bind "$WORK/volume" "$SYSTEM/share"
make_photos 1 1200 900 jpg

# As the Containerfile's last lines say.
run_container() {
    sed -n 's/^ENV //p' "$ROOT/packaging/container/Containerfile" | xargs -n 1 | grep -v '^P[UG]ID=' >"$WORK/environment"
    sed -n 's/^ENTRYPOINT \[\(.*\)\]/\1/p; s/^CMD \[\(.*\)\]$/\1/p' "$ROOT/packaging/container/Containerfile" | tr -d '",' | xargs >"$WORK/command"
    # shellcheck disable=SC2046,SC2016 # a list of words; the inner shell expands
    unshare --mount --pid --ipc --uts --fork --kill-child sh -c '
        cd "$1" && shift && mount -t proc proc proc && mount --rbind /dev dev && mount -t tmpfs none run &&
            mount -t tmpfs none tmp || exit 1
        exec chroot . "$@"' sh "$SYSTEM" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin PUID=61001 PGID=61000 $(cat "$WORK/environment" "$WORK/command") >"$WORK/log" 2>&1 &
    DAEMON=$!
}

# As `podman exec` does.
in_container() {
    # shellcheck disable=SC2046 # a list of words
    nsenter --target "$(pgrep -P "$DAEMON")" --mount --pid --root --wd env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin PUID=61001 PGID=61000 $(cat "$WORK/environment") "$@"
}
health() {
    # shellcheck disable=SC2046 # a list of words
    in_container $(sed -n 's/^HEALTHCHECK .*CMD \[\(.*\)\]/\1/p' "$ROOT/packaging/container/Containerfile" | tr -d '",' | xargs)
}

run_container
ok "the volume becomes a share" wait_for "it" test -d "$WORK/volume/inbox/gray" -a -e "$WORK/volume/.dropmill/root.id"
is "of the user that was named" "$(stat -c %u:%g "$WORK/volume" "$WORK/volume/inbox" | sort -u)" 61001:61000
ok "the daemon is up" wait_for "it" grep -q watching "$WORK/log"
cp "$WORK/sources/photo-000.jpg" "$WORK/volume/inbox/gray/"
ok "a picture in, a result out" wait_for "the result" test -s "$WORK/volume/outbox/gray/photo-000.jpg"
is "of that user, too" "$(stat -c %u:%g "$WORK/volume/outbox/gray/photo-000.jpg")" 61001:61000
ok "the health check" health
is "it has a name" "$(in_container ps -o user= -p 1)" dropmill
# shellcheck disable=SC2046 # a list of words
installed_packages() {
    sed -n '/^apt-get -qq install/,/[^\\]$/p' "$ROOT/packaging/container/install.sh" | tr -d '\\\n' | sed 's/.*recommends//' | xargs -n 1
}
# Those of the libraries that our programs and modules name.
linked_packages() {
    local file
    for file in "$BUILD"/dropmill{,d,-page,-worker} "$BUILD"/*.so; do
        objdump -p "$file" | awk '$1 == "NEEDED" {print $2}'
    done | sort -u | while read -r file; do
        dpkg -S "*/$(gcc -print-multiarch)/$file"
    done | cut -d : -f 1 | grep -vx 'libc6\|lib[at]san.*' | sort -u
}
# shellcheck disable=SC2016 # eval expands it
ok "its packages are in Debian" eval 'apt-cache show $(installed_packages) >/dev/null 2>&1'
is "all that the programs are linked with, and no more" "$(installed_packages | grep '^lib\|^zlib' | sort | xargs)" "$(linked_packages | xargs)"
ok "both locks hold the decoders" grep -q "decoders held by Landlock and seccomp" <(in_container dropmill --share /share status)
kill "$(pgrep -P "$DAEMON")"
wait "$DAEMON"
is "it stops when told" $? 0
DAEMON=
run_container
ok "a second start finds what the first one made" wait_for "it" grep -q watching "$WORK/log"
cp "$WORK/sources/photo-000.jpg" "$WORK/volume/inbox/gray/again.jpg"
ok "and goes on" wait_for "the result" test -s "$WORK/volume/outbox/gray/again.jpg"
done_testing
