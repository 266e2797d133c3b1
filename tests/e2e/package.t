#!/bin/bash
# SPDX-License-Identifier: MIT
# `make install` under a real systemd: a bare install is skipped; `dropmill setup` starts the service; a picture in, a
# result out, in its jail; reload, watchdog, a file system that goes and comes back. With packages: make check-package.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/lib/systemd.sh"
. "$ROOT/tests/lib/service_steps.sh"
need_systemd
DEADLINE=30

lay_root
make -s -C "$ROOT" install VARIANT="$(basename "$BUILD")" PREFIX=/usr UNITS=/lib/systemd/system DESTDIR="$SYSTEM" >"$WORK/install" 2>&1 ||
    { sed 's/^/# /' "$WORK/install"; exit 1; }
boot_system
inside systemd-sysusers dropmill.conf dropmill-page.conf
inside journalctl --update-catalog
bare_steps
service_steps
done_testing
