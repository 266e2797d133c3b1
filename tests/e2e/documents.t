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

# The options that a program says it has, and those that its page tells of.
in_help() { # PROGRAM [COMMAND]
    "$@" --help 2>&1 | grep -oE '(^|[ ,[|(])--[a-z][a-z0-9-]*' | grep -oE '\-\-[a-z].*'
}
in_items() { # PAGE: of the list of its options
    sed -n 's/^\.It Fl //p' "$ROOT/packaging/man/$1" | grep -oE '(^| )-[a-z][a-z0-9-]+' | sed 's/^ *-/--/'
}
in_all() { # PAGE: anywhere
    grep -oE 'Fl ([a-z] , )?-[a-z][a-z0-9-]+' "$ROOT/packaging/man/$1" | sed 's/.* -/--/'
}
sorted() {
    sort -u | grep -vx -e --help
}
for program in dropmilld dropmill-page dropmill-worker; do
    is "$program(8) has its options" "$(diff <(in_help "$BUILD/$program" | sorted) <(in_items $program.8 | sorted))" ""
done
is "dropmill(1) has those of all commands" "$(diff <({
    in_help "$DROPMILL"
    "$DROPMILL" --help | sed -n 's/^  \([a-z][a-z0-9]*\)  .*/\1/p' | while read -r command; do in_help "$DROPMILL" "$command"; done
} | sorted) <(in_all dropmill.1 | sorted))" ""
done_testing
