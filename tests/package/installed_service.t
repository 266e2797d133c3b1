#!/bin/bash
# SPDX-License-Identifier: MIT
# The way for a server, line by line as README has it, in a bare Debian under a real systemd: apt, setup, status. Then all
# that tests/e2e/package.t goes through; then the packages are taken away, and neither share nor ledger is. $PACKAGE_ROOT
# is that Debian, with the packages in /build/package and all that they want fetched (tests/package/check.sh).
. "$(dirname "$0")/../e2e/lib.sh"
. "$ROOT/tests/lib/systemd.sh"
. "$ROOT/tests/lib/service_steps.sh"
need_systemd
DEADLINE=60

lay_root "$PACKAGE_ROOT"
boot_system
readme=()
# shellcheck disable=SC2016 # README's fences
while IFS= read -r line; do
    readme+=("$line")
done < <(sed -n '/^Build the packages/,/^```$/p' "$ROOT/README.md" | sed '1,/^```sh/d; /^```$/d')
in_readme() { # NUMBER WORD: the line begins with it, and does what it should
    [[ ${readme[$1]} == "$2 "* ]] && inside env DEBIAN_FRONTEND=noninteractive sh -c "cd / && ${readme[$1]}" >"$WORK/$2" 2>&1 && return
    sed 's/^/# /' "$WORK/$2"
    return 1
}

is "README has the way in three lines" "${#readme[@]}" 3
ok "the first installs" in_readme 0 'apt install'
ok "and says what to do next" grep -q 'dropmill: nothing is watched yet.*dropmill setup /srv/pictures' "$WORK/apt install"
ok "the page is another package" inside sh -c 'cd / && DEBIAN_FRONTEND=noninteractive apt install ./build/package/dropmill-page_*.deb >/dev/null 2>&1'
bare_steps
ok "the second sets up" in_readme 1 'dropmill setup'
ok "and prints Samba's part" grep -qx '\[pictures\]' "$WORK/dropmill setup"
ok "the third tells how it is" in_readme 2 'dropmill status'
is "which is well" "$(grep -c '^wrong' "$WORK/dropmill status")" 0
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
