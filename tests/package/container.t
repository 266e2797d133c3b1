#!/bin/bash
# SPDX-License-Identifier: MIT
# The Containerfile's image by podman, with all that compose.yaml says: a share as a volume, a picture in, a result out, as users
# that numbers name, in the decoders' jail; the page beside it; stopped, started again. $IMAGES is where podman keeps the
# image (tests/package/check.sh).
. "$(dirname "$0")/../e2e/lib.sh"
[ -n "${OWN_NAMESPACES:-}" ] || skip_all "an engine of our own needs root and namespaces"
DEADLINE=60

# What podman and crun leave alone: resource limits that need rights of their own, groups of processes of the old kind.
mount -t tmpfs none /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup || skip_all "crun needs groups of processes of version 2, which cannot be mounted here"
cat >"$WORK/storage.conf" <<CONF
[storage]
driver = "overlay"
runroot = "$WORK/podman/run"
graphroot = "$IMAGES"
CONF
cat >"$WORK/containers.conf" <<CONF
[containers]
cgroups = "disabled"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "crun"
events_logger = "file"
tmp_dir = "$WORK/podman/tmp"
volume_path = "$WORK/podman/volumes"
CONF
export CONTAINERS_STORAGE_CONF=$WORK/storage.conf CONTAINERS_CONF=$WORK/containers.conf
podman run --rm --network=none --entrypoint true localhost/dropmill >"$WORK/podman.log" 2>&1 ||
    skip_all "no container can be run here: $(tail -n 1 "$WORK/podman.log")"

mkdir "$WORK/site"
cp "$ROOT/packaging/container/compose.yaml" "$WORK/site"
pictures=$WORK/site/pictures
mkdir "$pictures"
make_photos 1 1200 900 jpg
photo=$WORK/sources/photo-000.jpg

up() { # SERVICE
    local words
    words=$(PUID=61001 PGID=61000 /usr/bin/python3 -B "$ROOT/tests/lib/compose.py" "$WORK/site/compose.yaml" "$1") &&
        xargs -d '\n' podman run --detach --name="$1" <<<"$words" >>"$WORK/log" 2>&1
}
in_service() { # ARGUMENTS...: of dropmill
    podman exec dropmill sh /usr/local/lib/dropmill/start.sh dropmill "$@"
}
by_page() {
    /usr/bin/python3 -B "$ROOT/tests/lib/page_client.py" 8642 "$@"
}

if ! up dropmill || ! up page; then
    sed 's/^/# /' "$WORK/log"
    echo "Bail out! the containers do not start"
    exit 1
fi
ok "the volume becomes a share" wait_for "it" test -d "$pictures/inbox/gray" -a -e "$pictures/.dropmill/root.id"
is "of the user that was named" "$(stat -c %u:%g "$pictures" "$pictures/inbox" | sort -u)" 61001:61000
ok "healthy" wait_for "that" podman healthcheck run dropmill
cp "$photo" "$pictures/inbox/gray/"
ok "a picture in, a result out" wait_for "the result" test -s "$pictures/outbox/gray/photo-000.jpg"
is "of that user, too" "$(stat -c %u:%g "$pictures/outbox/gray/photo-000.jpg")" 61001:61000
ok "both locks hold the decoders" grep -q "decoders held by Landlock and seccomp" <(in_service status)
is "it has no rights beyond those of its user" "$(podman exec dropmill sed -n 's/^Cap\(Prm\|Eff\|Amb\):\t0*\(.*\)/\2/p' /proc/1/status | xargs)" ""
ok "the page is there" wait_for "it" eval 'by_page | grep -q "\"here\": *true"'
folder=$(by_page gray "From afar" "$photo")
ok "and takes pictures" wait_for "the result" test -s "$pictures/outbox/$folder/photo-000.jpg"

begun=$SECONDS
ok "stop" podman stop --time 60 dropmill
ok "takes little time" test $((SECONDS - begun)) -lt 20
is "and is no failure" "$(podman inspect --format '{{.State.ExitCode}}' dropmill)" 0
ok "it is not healthy then" eval "! podman healthcheck run dropmill"
cp "$photo" "$pictures/inbox/gray/meanwhile.jpg"
ok "start" podman start dropmill
ok "what came meanwhile is done" wait_for "the result" test -s "$pictures/outbox/gray/meanwhile.jpg"
is "the ledger is the same: nothing is done twice" \
    "$(in_service --json status | json_member files.done)" 3
ok "down" podman rm --force --time 60 page dropmill
is "what people have stays" "$(find "$pictures/outbox" -type f -name '*.jpg' | wc -l)" 3
done_testing
