#!/bin/bash
# SPDX-License-Identifier: MIT
# Folder names: sloppy ones work and keep their spelling in the outbox; a misspelt one is left untouched with
# a note until it is renamed; user folders are mirrored; what was dropped while the daemon was off is found;
# a file whose writer pauses is left alone until it is closed.
. "$(dirname "$0")/lib.sh"

service_runs
make_photos 3 120 80 jpg
photo=$WORK/sources/photo-000.jpg
new_share
cat >>"$CONF" <<'CONF'
inbox = { rename_grace = "200ms"; settle_unseen = "300ms"; };
recipes = { web-small = "resize 60 + jpeg 70"; };
CONF
drop "$photo" "Rotate 90°" early.jpg # before the daemon is there
start_daemon
drop "$photo" "Rotate 90° + Resize 50%" a.jpg
drop "$photo" "gray (Anna)/Holiday 2024/day 1" b.jpg
drop "$photo" "web-small" c.jpg
drop "$photo" "rotat-90" d.jpg
drop "$photo" invert .DS_Store
drop "$photo" invert upload.part
as_mate cp "$photo" "$WORK/people/elsewhere.jpg"
as_mate ln "$WORK/people/elsewhere.jpg" "$SHARE/inbox/invert/linked.jpg"
drop "$photo" . loose.jpg
wait_settled 5
is "a degree sign and a per cent sign" "$(size_of "$SHARE/outbox/Rotate 90° + Resize 50%/a.jpg")" 40x60
is "dropped while off" "$(size_of "$SHARE/outbox/Rotate 90°/early.jpg")" 80x120
ok "user folders are mirrored" test -s "$SHARE/outbox/gray (Anna)/Holiday 2024/day 1/b.jpg"
is "a recipe" "$(size_of "$SHARE/outbox/web-small/c.jpg")" 60x40
ok "a hard link is seen" wait_for "it" is_in invert/linked.jpg DONE
is "litter is left alone" "$(find "$SHARE/inbox/invert" -type f | wc -l)" 2
ok "user folders stay" test -d "$SHARE/inbox/gray (Anna)/Holiday 2024/day 1"

note=$(printf '%s' "$SHARE/inbox/rotat-90/READ ME"*)
ok "a misspelt folder gets a note" wait_for "the note" sh -c "ls '$SHARE/inbox/rotat-90/READ ME'* >/dev/null 2>&1"
note=$(printf '%s' "$SHARE/inbox/rotat-90/READ ME"*)
ok "with the nearest name" grep -q 'rotate-90' "$note"
ok "its file is untouched" cmp -s "$photo" "$SHARE/inbox/rotat-90/d.jpg"
ok "status tells" grep -q 'rotate-90' <(as_service "$DROPMILL" --share "$SHARE" --config "$CONF" status)
ok "loose files get a note" wait_for "the note" sh -c "ls '$SHARE/inbox/READ ME'* >/dev/null 2>&1"
as_mate mv "$SHARE/inbox/rotat-90" "$SHARE/inbox/rotate-90"
ok "renamed right, it is done" wait_for "it" is_in rotate-90/d.jpg DONE
ok "and the note is gone" wait_for "that" test ! -e "$SHARE/inbox/rotate-90/$(basename "$note")"
as_mate mv "$SHARE/inbox/loose.jpg" "$SHARE/inbox/rotate-90/"
ok "the loose one is done in a folder" wait_for "it" is_in rotate-90/loose.jpg DONE
ok "and that note is gone" wait_for "that" sh -c "! ls '$SHARE/inbox/READ ME'* >/dev/null 2>&1"
is "the log tells of the folder once" "$(grep -c "'rotat-90' is not understood.* to 'rotate-90'" "$WORK/log")" 1
ok "and that it is no more" grep -q "'rotat-90' is no longer a problem" "$WORK/log"
is "of loose files once" "$(grep -c 'files lie loose in the inbox, will' "$WORK/log")" 1
ok "and that they are no more" wait_for "it" grep -q 'no files lie loose' "$WORK/log"

# A writer pauses with half the file written: three others, one after the other, take longer than settle_unseen.
half=$(($(stat -c %s "$photo") / 2))
exec 3>"$SHARE/inbox/invert/held.jpg"
head -c "$half" "$photo" >&3
ok "half a file is seen" wait_for "it" is_in invert/held.jpg SEEN
for name in one two three; do
    drop "$photo" invert "$name.jpg"
    ok "$name.jpg is done" wait_for "it" is_in "invert/$name.jpg" DONE
    ok "the half one waits" is_in invert/held.jpg SEEN
done
tail -c "+$((half + 1))" "$photo" >&3
exec 3>&-
ok "closed, it is done" wait_for "it" is_in invert/held.jpg DONE
is "with one result" "$(find "$SHARE/outbox/invert" -name 'held*' | wc -l)" 1
is "a whole one" "$(size_of "$SHARE/outbox/invert/held.jpg")" 120x80
is "and nothing has failed" "$(find "$SHARE/failed" -type f | wc -l)" 0

# The same path again replaces its own result; two inputs that would share a name get two.
drop "$photo" "invert_webp" e.jpg
vips copy "$photo" "$WORK/e.png"
ok "the first is done" wait_for "it" is_in invert_webp/e.jpg DONE
drop "$WORK/e.png" "invert_webp" e.png
ok "the second is done" wait_for "it" is_in invert_webp/e.png DONE
is "both have a name" "$(cd "$SHARE/outbox/invert_webp" && ls)" $'e (png).webp\ne.webp'
drop "$WORK/sources/photo-001.jpg" "invert_webp" e.jpg
ok "it is done again" wait_for "the second drop" is_in invert_webp/e.jpg DONE 2
is "still two names" "$(cd "$SHARE/outbox/invert_webp" && ls)" $'e (png).webp\ne.webp'
is "both originals are kept" "$(cd "$SHARE/originals/invert_webp" && ls)" $'e (2).jpg\ne.jpg\ne.png'

# Somebody's folder in which the service may not write: the result is made, the original cannot be put away.
if has_users; then
    as_mate mkdir -m 2755 "$SHARE/inbox/gray (closed)"
    drop "$photo" "gray (closed)" f.jpg
    ok "it is said" wait_for "that" grep -q "cannot move the original.*gray (closed)/f.jpg.*Permission denied" "$WORK/log"
    ok "its result is there" test -s "$SHARE/outbox/gray (closed)/f.jpg"
    ok "and its original" test -s "$SHARE/inbox/gray (closed)/f.jpg"
else
    skip 3 "everything is one user's here"
fi
ok "the daemon stops when told" stop_daemon
done_testing
