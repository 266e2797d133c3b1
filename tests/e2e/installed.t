#!/bin/bash
# SPDX-License-Identifier: MIT
# `make install` puts there what packaging/installed.txt lists, and uninstall takes it away; what is installed for other
# programs is as they like it: systemd, sysusers, Samba, NFS, nginx, Caddy.
. "$(dirname "$0")/lib.sh"
D=$WORK/installed

make_install() { # TARGET
    env -u MAKEFLAGS -u MAKELEVEL make -s -C "$ROOT" "$1" VARIANT="$(basename "$BUILD")" PREFIX=/usr DESTDIR="$D" >"$WORK/make" 2>&1 ||
        { sed 's/^/# /' "$WORK/make"; return 1; }
}

ok "make install" make_install install
is "what is listed is there, and nothing else" "$(diff <(cd "$D/usr" && find . -type f -printf '%P\n' | LC_ALL=C sort) "$ROOT/packaging/installed.txt" 2>&1)" ""
is "and a configuration" "$(cd "$D" && find etc -type f)" etc/dropmill/dropmill.conf
is "with room for more" "$(cd "$D" && find etc -type d -empty | sort | xargs)" "etc/dropmill/conf.d etc/dropmill/recipes.d"
ok "install again" make_install install
echo "share = \"/srv/mine\";" >"$D/etc/dropmill/dropmill.conf"
ok "install over a configuration of somebody's" make_install install
is "leaves it" "$(cat "$D/etc/dropmill/dropmill.conf")" 'share = "/srv/mine";'

units=$D/usr/lib/systemd/system
if command -v systemd-analyze >/dev/null; then
    cp "$units/dropmilld@.service" "$WORK/dropmilld@nas.service"
    sed -i "s|=/usr/sbin/|=$D/usr/sbin/|; /^Documentation/d" "$units"/*.service "$units"/*.socket "$WORK/dropmilld@nas.service"
    is "systemd reads the units" "$(systemd-analyze verify "$units"/dropmill{d,-page}.service "$units/dropmill-page.socket" "$WORK/dropmilld@nas.service" 2>&1 | grep -i dropmill)" ""
    exposed() { # UNIT TENTHS: at most, of 100
        systemd-analyze security --no-pager --offline=true --threshold="$2" "$1" >"$WORK/exposed" || { sed -n '/✗\|→/s/^/# /p' "$WORK/exposed"; return 1; }
    }
    ok "the daemon is exposed little: 1.8 of 10" exposed "$units/dropmilld.service" 18
    ok "so is one of a further share" exposed "$WORK/dropmilld@nas.service" 18
    ok "the page: 0.9" exposed "$units/dropmill-page.service" 9
    ok "sysusers" systemd-sysusers --root="$D" --dry-run "$D"/usr/lib/sysusers.d/dropmill.conf "$D"/usr/lib/sysusers.d/dropmill-page.conf 2>/dev/null
    mkdir -p "$D/var/lib/systemd/catalog"
    ok "journald's catalogue" journalctl --root="$D" --update-catalog
    is "explains all ids" "$(journalctl --root="$D" --list-catalog 2>/dev/null | cut -d ' ' -f 1 | sort)" \
        "$(sed -n 's/^#define DM_EVENT_.*"\(.*\)"$/\1/p' "$ROOT/common/log_event.h" | sort)"
    rm -r "${D:?}/var"
else
    skip 7 "there is no systemd here"
fi

judge() { # WHAT PROGRAM COMMAND...
    local what=$1 program=$2
    shift 2
    command -v "$program" >/dev/null || { skip 1 "there is no $program here"; return; }
    "$@" >"$WORK/judged" 2>&1
    local code=$?
    [ $code = 0 ] || sed 's/^/# /' "$WORK/judged"
    is "$what" $code 0
}

examples=$D/usr/share/doc/dropmill/examples
no_remark() { # testparm takes much with a warning
    testparm -s "$examples/smb.conf" 2>&1 | tee "$WORK/samba" | grep -qiE 'unknown|invalid|ignor|error' && cat "$WORK/samba" && return 1
    return 0
}
judge "Samba reads its example" testparm no_remark
nginx_reads() {
    mkdir -p "$WORK/nginx"
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout "$WORK/nginx/key" -out "$WORK/nginx/cert" 2>/dev/null
    { echo "pid $WORK/nginx/pid; error_log stderr; events {} http { access_log off;"
      sed "s|/etc/ssl/certs/.*;|$WORK/nginx/cert;|; s|/etc/ssl/private/.*;|$WORK/nginx/key;|" "$examples/nginx.conf"; echo "}"; } >"$WORK/nginx/nginx.conf"
    nginx -t -c "$WORK/nginx/nginx.conf"
}
judge "nginx reads its example" nginx nginx_reads
judge "Caddy reads its example" caddy caddy validate --adapter caddyfile --config "$examples/Caddyfile"
exports_read() { # exportfs knows one file alone, and looks for the directory
    [ -n "${OWN_NAMESPACES:-}" ] || return 0
    mkdir -p "$WORK/nfs" && cp -r /var/lib/nfs/. "$WORK/nfs" && mount --bind "$WORK/nfs" /var/lib/nfs
    sed "s|/srv/pictures|$WORK/nfs|" "$examples/exports" >"$WORK/exports"
    mount --bind "$WORK/exports" /etc/exports
    exportfs -a 2>&1 | grep -v 'Function not implemented\|nfsd' | tee "$WORK/judged" && grep -q "all_squash" /var/lib/nfs/etab
}
judge "exportfs reads its example" exportfs exports_read

ok "make uninstall" make_install uninstall
is "nothing is left but the configuration" "$(cd "$D" && find . -type f | sort | xargs)" "./etc/dropmill/dropmill.conf ./etc/dropmill/dropmill.conf.new"
done_testing
