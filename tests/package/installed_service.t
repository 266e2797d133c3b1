#!/bin/bash
# SPDX-License-Identifier: MIT
# The packages, installed by apt in a bare Debian, under a real systemd: all that tests/e2e/package.t goes through; then
# they are taken away, and neither share nor ledger is. $PACKAGE_ROOT is that Debian (tests/package/check.sh).
. "$(dirname "$0")/../e2e/lib.sh"
. "$ROOT/tests/lib/systemd.sh"
. "$ROOT/tests/lib/service_steps.sh"
need_systemd
DEADLINE=60

lay_root "$PACKAGE_ROOT"
boot_system
service_steps

files_of() { # DIRECTORY
    (cd "$SYSTEM$1" && find . -type f | sort)
}
shared=$(inside sh -c "cd $PICTURES && find . -type f -name '*.jpg' | sort")
ledgers=$(inside sh -c "find /var/lib/dropmill -name ledger.db | sort")
ok "there is something to lose" test -n "$shared" -a -n "$ledgers"
inside env DEBIAN_FRONTEND=noninteractive apt-get purge -y dropmill dropmill-page >"$WORK/purge" 2>&1
is "purge" $? 0
sed 's/^/# /' "$WORK/purge"
is "what people have is there" "$(inside sh -c "cd $PICTURES && find . -type f -name '*.jpg' | sort")" "$shared"
is "and the ledgers" "$(inside sh -c "find /var/lib/dropmill -name ledger.db | sort")" "$ledgers"
is "of ours nothing is left that starts" "$(inside find /etc/systemd /lib/systemd/system -name '*dropmill*')" ""
is "and no configuration but what the administrator wrote" "$(inside find /etc/dropmill -type f | sort | xargs)" \
    "/etc/dropmill/nas.conf /etc/dropmill/recipes.d/small.conf"
done_testing
