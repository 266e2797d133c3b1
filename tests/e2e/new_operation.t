#!/bin/bash
# SPDX-License-Identifier: MIT
# An operation is one file and one line. CONTRIBUTING.md's example is the file as it stands; made into a new operation, in a
# copy of the tree, it is known everywhere; and nowhere else does the code name an operation.
. "$(dirname "$0")/lib.sh"

# ---- the story

awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$ROOT/CONTRIBUTING.md" >"$WORK/story.c"
ok "CONTRIBUTING.md shows op_posterize.c as it is" cmp "$WORK/story.c" "$ROOT/mpi_worker/ops/op_posterize.c"

# ---- one file and one line, in a tree of its own

new_tree
sed 's/posterize/testnegate/g; s/posterise/test-negative/' "$WORK/story.c" >"$tree/mpi_worker/ops/op_testnegate.c"
sed -i 's/^    _(posterize).*/&\n    _(testnegate) \\/' "$tree/mpi_worker/ops/ops.c"
is "one line more in ops.c" "$(diff "$ROOT/mpi_worker/ops/ops.c" "$tree/mpi_worker/ops/ops.c" | grep -c '^[<>]')" 1

run_new() {
    "$new/dropmill" --config /dev/null "$@"
}
ok "it builds" make_it dropmill-worker tests/unit/mpi_worker/test_ops_pictures
is "nothing else was compiled but the new file and the list" \
    "$(find "$new/obj" -name '*.o' -newer "$tree/mpi_worker/ops/ops.c" -path '*/ops/*' -printf '%f ' | tr ' ' '\n' | sort | xargs)" \
    "op_testnegate.o ops.o"
ok "the worker has it in its catalogue" grep -q testnegate <("$new/dropmill-worker" --catalogue)
ok "dropmill ops knows it" grep -q '^levels .*2 to 64.* 4 ' <(run_new ops testnegate)
is "as a folder name, in capitals" "$(run_new explain "Testnegate 7" | head -n 1)" "testnegate-7"
is "by its alias" "$(run_new explain "Test Negative" | head -n 1)" "testnegate"
ok "did you mean" grep -q "testnegate-7" <(run_new explain testnegat-7 2>&1)
ok "out of range" grep -q "99: takes 2 to 64" <(run_new explain testnegate-99 2>&1)
ok "the page in the share has it" grep -q testnegate <(run_new setup --bare "$WORK/share" && cat "$WORK"/share/*.html)

vips gaussnoise "$WORK/noise.v" 64 48 --mean 128 --sigma 50 --seed 1
vips cast "$WORK/noise.v" "$WORK/a.png" uchar
ok "it works" run_new process --quiet --with testnegate-3 -o "$WORK/new" "$WORK/a.png"
run_new process --quiet --with posterize-3 -o "$WORK/old" "$WORK/a.png"
ok "and does what was written" cmp "$WORK/new/a.png" "$WORK/old/a.png"

ok "documents notice" bash -c "! sh '$tree/packaging/update-documents.sh' --check '$new/dropmill' 2>/dev/null"
sh "$tree/packaging/update-documents.sh" "$new/dropmill"
ok "and are brought up to date" grep -q testnegate "$tree/packaging/man/dropmill-folders.7" "$tree/README.md"

# ---- the generic tests hold it to what it promises

pictures=$new/tests/unit/mpi_worker/test_ops_pictures
ok "the generic tests pass it" grep -q '^ok.*/ops/promises' <("$pictures" --tap -p /ops/promises 2>&1)
sed -i 's/DM_PROMISE_TWICE_IS_ONCE/DM_PROMISE_TWICE_IS_NOTHING/' "$tree/mpi_worker/ops/op_testnegate.c"
make_it dropmill-worker tests/unit/mpi_worker/test_ops_pictures
ok "and find a broken promise" grep -q testnegate <("$pictures" --tap -p /ops/promises 2>&1)

# ---- who names an operation

# The same word with another meaning: formats, their codecs and containers, a colour, a state, a profile of libvips, an
# option of its savers, a system call, the mirror of results; and what a
# logo needs besides its operation: a setting, and its file in memory.
other_meanings() { # OPERATION
    case $1 in
    jpeg | png | webp | avif | tiff | gif) echo "mpi_worker/(codec|meta)/.* mpi_worker/image/meaning.c mpi_worker/task/(picture|gain_map).c common/.* watcher/mirror/object.c watcher/page/views.c" ;;
    mirror) echo "watcher/mirror/.* watcher/daemon.c watcher/cli/cmd_ls.c" ;;
    copy) echo "watcher/store/.*" ;;
    gray) echo "common/colour.c mpi_worker/codec/tiff_file.c" ;;
    warm) echo "watcher/engine/.* watcher/metrics.c" ;;
    open) echo "watcher/cli/cmd_setup.c mpi_worker/task/files.c" ;;
    strip) echo "mpi_worker/codec/savers.c" ;;
    srgb) echo "mpi_worker/image/(meaning|normalise|profile).c" ;;
    watermark) echo "mpi_worker/main.c mpi_worker/ops/watermarks.c" ;;
    esac
}

# Where people's words, and the commonest wishes, lead to operations by name: an operation works without them.
people='common/(words\.c|reader_steps\.c|tokens\.h)|watcher/inbox/folders\.c|watcher/cli/howto_html\.c|watcher/page/api_catalogue\.c'

# Files with its symbol, or its name as a string. In a table of parameters the same word is a parameter's.
named_in() { # OPERATION
    (cd "$ROOT" && grep -rnE "\"$1\"|\bdm_op_$1\b|^    _\($1\)" common watcher mpi_worker --include='*.[ch]' |
        grep -vE '^mpi_worker/ops/[a-z_]+\.c:[0-9]+:.*\.(name|default_text) = ' |
        grep -vE '^[^:]+:[0-9]+:\s*(//|\*|/\*\*)|; +// ' |
        cut -d: -f1 | sort -u | grep -vxE "$people" |
        grep -vxE "$(other_meanings "$1" | tr ' ' '|')|none" | xargs)
}

for name in $("$DROPMILL" --config /dev/null ops --names); do
    found=$(named_in "$name")
    [ "$found" = "mpi_worker/ops/op_$name.c mpi_worker/ops/ops.c" ] || strays="${strays:-}$name: $found; "
done
is "an operation is named in its file and in the list" "${strays:-}" ""
done_testing
