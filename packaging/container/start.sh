#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The first process of a container: makes /share a share, if it is none, and becomes the user PUID:PGID.
#
#   start.sh dropmilld|dropmill-page [OPTION...]
#
# Or a command beside it, as that user, who alone may see all: start.sh dropmill status
set -eu
program=$1
shift
if [ "$(id -u)" = 0 ] && [ "$program" = dropmill ]; then
    exec setpriv --reuid "$PUID" --regid "$PGID" --clear-groups sh "$0" "$program" "$@"
elif [ "$(id -u)" = 0 ]; then
    mkdir -p /share /var/lib/dropmill /run/dropmill
    # What is ours; what lies in the share is left as it is.
    chown "$PUID:$PGID" /var/lib/dropmill /run/dropmill
    [ -e /share/.dropmill/root.id ] || chown "$PUID:$PGID" /share
    # Whom logs and status name.
    getent passwd "$PUID" >/dev/null || echo "dropmill:x:$PUID:$PGID::/var/lib/dropmill:/usr/sbin/nologin" >>/etc/passwd
    exec setpriv --reuid "$PUID" --regid "$PGID" --clear-groups sh "$0" "$program" "$@"
fi
export STATE_DIRECTORY=/var/lib/dropmill RUNTIME_DIRECTORY=/run/dropmill
[ "$program" != dropmilld ] || dropmill --quiet setup --no-service /share
exec "$program" "$@"
