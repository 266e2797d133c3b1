#!/bin/bash
# SPDX-License-Identifier: MIT
# The documents say what is true: man pages are well-formed, dropmill-folders(7) and README list the catalogue as it is,
# the shipped configuration is read without a complaint and is the default.
. "$(dirname "$0")/lib.sh"

for page in "$ROOT"/packaging/man/*.[1-8]; do
    ok "$(basename "$page") is well-formed" mandoc -Tlint -W warning "$page"
done
ok "dropmill-folders(7) and README list the operations there are" \
    sh "$ROOT/packaging/update-documents.sh" --check "$DROPMILL"
grep -oE '(e2e|unit|hostile|lib)/[a-z0-9_/]+\.(t|c|sh)' "$ROOT/packaging/man/dropmill-security.7" | sort -u >"$WORK/named"
ok "dropmill-security(7) names tests" test "$(wc -l <"$WORK/named")" -ge 20
is "all of which there are" "$(while read -r name; do ls "$ROOT/tests/$name" 2>&1 >/dev/null; done <"$WORK/named")" ""
values() { # FILE: what is in effect by it, and not where that is said
    "$DROPMILLD" --print-config --config "$1" | sed 's/ # .*//'
}
is "conf/dropmill.conf is the default" "$(values "$ROOT/conf/dropmill.conf")" "$(values /dev/null)"
for program in "$DROPMILL" "$DROPMILLD" "$BUILD/dropmill-worker"; do
    ok "$(basename "$program") --help" grep -qi usage <("$program" --help 2>&1)
    ok "$(basename "$program") --version" grep -q '[0-9]\.[0-9]' <("$program" --version 2>&1)
done
done_testing
