#!/bin/bash
# SPDX-License-Identifier: MIT
# What Prometheus is told: by the command, in the file for node_exporter, behind the page's own; promtool finds nothing in it,
# dropmill-metrics(7) lists it, the alerts name what there is, and no label has the name of a folder or file.
sh "$(dirname "$0")/../../packaging/deps.sh" page 2>/dev/null
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/lib/page.sh"

have_promtool() {
    command -v promtool >/dev/null || { skip 1 "there is no promtool here"; false; }
}
told() {
    "$DROPMILL" --share "$SHARE" --config "$CONF" metrics
}
sample() { # NAME{LABELS}
    told | awk -v name="dropmill_$1" '$1 == name {print $2}'
}
reaches() { # NAME{LABELS} VALUE
    test "$(sample "$1")" = "$2"
}

make_photos 2 320 200 jpg
new_share
FILE=$WORK/collector/dropmill.prom
cat >>"$CONF" <<CONF
inbox = { settle_unseen = "100ms"; settle_closed = "100ms"; };
metrics = { file = "$FILE"; };
s3 = { directory = "$WORK/bucket"; };
recipes = { web-large = "resize-100_jpeg-82"; };
CONF
mkdir "$WORK/bucket"
: >"$WORK/bucket/.dropmill-mirror"
told 2>"$WORK/errors"
is "no daemon: exit 69" $? 69
mkdir "$WORK/collector"
drop "$WORK/sources/photo-000.jpg" gray secret-name.jpg
drop "$WORK/sources/photo-001.jpg" web-large b.jpg
echo "no picture" >"$WORK/bad.jpg"
drop "$WORK/bad.jpg" gray bad.jpg
mkdir "$SHARE/inbox/secret-folder"
start_daemon
ok "two are done, one fails" wait_ends 2 1
ok "files that were dropped" reaches files_seen_total 3
is "done, by operation" "$(sample 'files_processed_total{operation="gray",result="done"}')" 1
is "done, by recipe" "$(sample 'files_processed_total{operation="web-large",result="done"}')" 1
is "failed" "$(sample 'files_processed_total{operation="gray",result="failed"}')" 1
is "of what" "$(sample 'file_failures_total{reason="not-an-image"}')" 1
is "pixels" "$(sample pixels_total)" $((320 * 200 + 100 * 63))
is "bytes that came" "$(sample input_bytes_total)" "$(cat "$WORK"/sources/photo-00[01].jpg | wc -c)"
is "bytes that went" "$(sample output_bytes_total)" "$(find "$SHARE/outbox" -name '*.jpg' -exec cat {} + | wc -c)"
is "files by state" "$(sample 'queue_files{state="done"}')" 2
is "nothing waits" "$(sample queue_oldest_age_seconds)" 0.000000
is "the share is there" "$(sample share_up)" 1
is "how long a stage takes" "$(sample 'stage_duration_seconds_count{stage="process"}')" 2
is "it was built upon" "$(grep -cE '^dropmill_build_info\{version="[0-9.]+",vips="8\.[0-9.]+",mpi="[^"]*MPI[^"]*"\} 1$' <(told))" 1
is "its folders were looked at, a moment ago" "$(sample last_scan_timestamp_seconds | awk -v now="$(date +%s)" '{print now - $1 < 60}')" 1
ok "results were sent to the mirror" wait_for "it" reaches s3_pending_objects 0
is "each with a request" "$(sample 's3_requests_total{room="mirror",method="PUT",code="none"}')" 2
is "of which the last one succeeded, a moment ago" \
    "$(sample 's3_last_success_timestamp_seconds{room="mirror"}' | awk -v now="$(date +%s)" '{print now - $1 < 60}')" 1
is "no decoder has died" "$(sample decoder_deaths_total)" 0
ok "a folder is not understood" wait_for "it" reaches folder_problems 1
"$DROPMILL" --share "$SHARE" --config "$CONF" --quiet pause
ok "paused" wait_for "it" reaches paused 1
told >"$WORK/told"
is "no name of a folder or file" "$(grep -c secret "$WORK/told")" 0

# ---- the file, the page

ok "the file is there" wait_for "it" test -s "$FILE"
is "with the same lines" "$(cut -d '{' -f 1 "$FILE" | cut -d ' ' -f 1-3 | grep '^#' | sort)" "$(grep '^#' "$WORK/told" | cut -d ' ' -f 1-3 | sort)"
is "for everybody to read" "$(stat -c %a "$FILE")" 644
is "nothing lies beside it" "$(find "$WORK/collector" -type f)" "$FILE"
start_page
page metrics >"$WORK/page"
ok "the page has the daemon's behind its own" grep -q '^dropmill_page_connections ' "$WORK/page"
is "all of them" "$(comm -23 <(grep '^# TYPE' "$WORK/told" | sort) <(sort "$WORK/page"))" ""
is "nothing twice" "$(grep '^# TYPE' "$WORK/page" | cut -d ' ' -f 3 | sort | uniq -d)" ""
if have_promtool; then
    is "promtool finds nothing" "$(promtool check metrics <"$WORK/page" 2>&1)" ""
fi

# ---- what is said of them

ALERTS=$ROOT/packaging/prometheus/alerts.yml
MAN=$ROOT/packaging/man/dropmill-metrics.7
if have_promtool; then
    ok "promtool reads the alerts" promtool check rules "$ALERTS"
fi
if have_promtool; then
    ok "they are raised when they should be, and else not" promtool test rules "$E2E/metrics_alerts.yml"
fi
is "each has a test" "$(sed -n 's/.*alert: //p' "$ALERTS" | sort)" "$(grep -o 'alertname="[^"]*' "$E2E/metrics_alerts.yml" | cut -d '"' -f 2 | sort -u)"
is "each says what to do" "$(awk '/- alert:/ {name = $3; told[name] = 0} /(dropmill|systemctl|journalctl|--check-config)/ && !/expr|alert:|summary/ && $0 ~ /\047/ {told[name] = 1} END {for (i in told) if (!told[i]) print i}' "$ALERTS")" ""
grep -oE '\bdropmill_[a-z0-9_]+' "$ALERTS" | sort -u >"$WORK/named"
ok "the alerts name metrics" test "$(wc -l <"$WORK/named")" -ge 8
is "all of which there are" "$(comm -23 "$WORK/named" <(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$WORK/page" | sort))" ""
listed() { # SECTION of dropmill-metrics(7): a line a metric: name, type, words
    sed -n "/^\.Ss $1\$/,/^\.El/p" "$MAN" | sed -n '/^\.It Va/{s/^\.It Va \([^ ]*\) , Em \(.*\)/\1 \2/;N;s/\n/ /;p}'
}
explained() { # FILE of metrics: the same
    sed -n '/^# HELP/{N;s/^# HELP \([^ ]*\) \(.*\)\n# TYPE [^ ]* \(.*\)/\1 \3 \2/;p}' "$1"
}
is "dropmill-metrics(7) lists what there is, in the same words" "$(listed Metrics)" "$(explained "$WORK/told")"
is "and the page's own, which stand before them" "$(listed 'Metrics of the page')" \
    "$(explained "$WORK/page" | head -n "-$(grep -c '^# HELP' "$WORK/told")")"

# ---- the dashboard

BOARD=$ROOT/packaging/prometheus/grafana/dropmill.json
cat >"$WORK/board.py" <<'PY'
"""board.py FILE: its queries as recording rules (in JSON, which is YAML); on stderr what Grafana would stumble over."""
import json
import sys

board = json.load(open(sys.argv[1], encoding="utf-8"))
panels = board["panels"]
seen, cells, rules = set(), set(), []
for panel in panels:
    at, where = panel["gridPos"], panel["title"]
    for cell in ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])):
        if cell in cells or cell[0] >= 24:
            sys.exit(f"{where}: it lies on another, or beside the board")
        cells.add(cell)
    if panel["id"] in seen or seen.add(panel["id"]):
        sys.exit(f"{where}: its id is another's")
    if panel["type"] != "row" and not panel["targets"]:
        sys.exit(f"{where}: it asks nothing")
    for target in panel.get("targets", []):
        if target["datasource"]["uid"] != "${datasource}":
            sys.exit(f"{where}: it asks somebody of its own")
        query = target["expr"].replace("$instance", ".*").replace("$__rate_interval", "1m")
        if "$" in query:
            sys.exit(f"{where}: a variable that is not there: {query}")
        rules.append({"record": f"q:n{len(rules)}", "expr": query})
print(json.dumps({"groups": [{"name": board["uid"], "rules": rules}]}))
PY
queries() {
    python3 -B "$WORK/board.py" "$BOARD" >"$WORK/queries.yml"
}
ok "nothing of the dashboard is in the way of another part" queries
if have_promtool; then
    ok "promtool reads each of its queries" promtool check rules "$WORK/queries.yml"
fi
grep -oE '\bdropmill_[a-z0-9_]+' "$WORK/queries.yml" | sed 's/_bucket$//' | sort -u >"$WORK/named"
ok "they name metrics" test "$(wc -l <"$WORK/named")" -ge 25
is "all of which there are" "$(comm -23 "$WORK/named" <(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$WORK/page" | sort))" ""

# ---- the ends

stop_page
ok "the daemon stops when told" stop_daemon
ok "and takes its file away" test ! -e "$FILE"
start_page
ok "without a daemon the page says so" grep -q '^dropmill_daemon_up 0' <(page metrics)
sed -i "s|^metrics = .*|metrics = { file = \"$WORK/nowhere/dropmill.prom\"; };|" "$CONF"
start_daemon
ok "a file that cannot be written is said" wait_for "it" grep -q "metrics.file: cannot write '$WORK/nowhere/dropmill.prom': No such file" "$WORK/log"
ok "and holds nothing up" daemon_answers
stop_page
ok "the daemon stops when told" stop_daemon
done_testing
