. /work/s-port/tests/e2e/lib.sh
new_share
echo "inbox = { max_folders = $MAX; };" >>"$CONF"
/usr/bin/python3 -c "
import os
for i in range(150):
    for j in range(1000): os.makedirs(f'$SHARE/inbox/gray/{i}/{j}', exist_ok=True)"
start_daemon
cpu() { awk '{print $14 + $15}' /proc/$DAEMON/stat; }
read -r -t 45 -u "$never_fd"
a=$(cpu); read -r -t 60 -u "$never_fd"; b=$(cpu)
echo "max $MAX: first 45 s: $a ticks; then $((b - a)) ticks of CPU in 60 s; $(grep -c . $WORK/log) lines; $(grep VmRSS /proc/$DAEMON/status)"
ls "$SHARE/inbox"
