#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Writes what documents say of the operations, between two marks each: from the worker's catalogue the
# section of dropmill-folders(7) and the table in README.md, from the table of status that of dropmill-json(5), and from the sources CONTRIBUTING.md's story of how
# one is added.
#
#   update-documents.sh DROPMILL            writes them
#   update-documents.sh --check DROPMILL    exit status 1 when one has drifted
#
# DROPMILL is the program, e.g. build/release/dropmill, with its dropmill-worker beside it.
set -eu

check=
if [ "${1-}" = --check ]; then
    check=yes
    shift
fi
if [ $# -ne 1 ]; then
    echo "usage: $0 [--check] DROPMILL" >&2
    exit 64
fi
dropmill=$1
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

# No configuration of this machine plays a part.
catalogue() {
    "$dropmill" --config /dev/null ops "$@"
}

# A row for each group, in the order of the catalogue.
table() {
    catalogue | awk '
        NR == 1 { next }
        !($2 in names) { order[++groups] = $2 }
        { names[$2] = names[$2] " `" $1 "`" }
        END {
            print "| | |\n|---|---|"
            for (i = 1; i <= groups; i++)
                print "| " order[i] " |" names[order[i]] " |"
        }'
}

# The file that CONTRIBUTING.md shows when it tells how an operation is added.
story() {
    printf '```c\n'
    cat "$root/mpi_worker/ops/op_posterize.c"
    printf '```\n'
}

# update FILE MARK SECTION: puts SECTION between the lines that say BEGIN MARK and END MARK.
update() {
    awk -v mark="$2" -v section="$3" '
        $0 ~ "END " mark { inside = 0; ended = 1 }
        !inside { print }
        $0 ~ "BEGIN " mark {
            inside = 1
            while ((getline line < section) > 0)
                print line
        }
        END { exit !ended }
    ' "$1" >"$work/new"
    if cmp -s "$work/new" "$1"; then
        return
    fi
    if [ -z "$check" ]; then
        cat "$work/new" >"$1"
        return
    fi
    echo "$1 has drifted from the sources, run: sh packaging/update-documents.sh $dropmill" >&2
    diff -u "$1" "$work/new" >&2 || true
    status=1
}

catalogue --man >"$work/man"
table >"$work/table"
story >"$work/story"
"$dropmill" --config /dev/null status --man >"$work/status"
update "$root/packaging/man/dropmill-folders.7" OPERATIONS "$work/man"
update "$root/packaging/man/dropmill-json.5" STATUS "$work/status"
update "$root/README.md" OPERATIONS "$work/table"
update "$root/CONTRIBUTING.md" STORY "$work/story"
exit "$status"
