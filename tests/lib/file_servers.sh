# shellcheck shell=bash disable=SC2034 # its user reads what is set here
# SPDX-License-Identifier: MIT
#
# Real file servers for tests, on loopback, thrown away with the test: Samba, and nfs-ganesha for NFSv3 and NFSv4. For a
# test that sources lib.sh, in which $WORK is its own and processes end with it.
#
#   install_file_servers        before lib.sh, while there is a network; skips the whole test if they cannot be had
#   start_samba DIR [SECTION]   DIR is smb://127.0.0.1/photos, or what SECTION makes of it
#   start_ganesha DIR [LINES]   DIR is nfs://127.0.0.1/photos, in both versions
#   write_by PROTOCOL ACTION SOURCE NAME [SECONDS]    a client of smb, nfs3 or nfs4: tests/lib/remote_writer.py

SMB_PORT=445
NFS_PORT=2049

install_file_servers() {
    [ -n "${OWN_NAMESPACES:-}" ] && return 0
    local why
    why=$(sh "$(dirname "${BASH_SOURCE[0]}")/../../packaging/deps.sh" servers 2>&1) && return 0
    echo "1..0 # SKIP file servers cannot be installed here: $(tail -n 1 <<<"$why")"
    exit 0
}

need_own_network() {
    [ -n "${OWN_NAMESPACES:-}" ] || skip_all "file servers on their own ports need root and namespaces"
}

port_answers() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

no_server() { # LOG
    tail -n 20 "$1" | sed 's/^/# /'
    echo "Bail out! the server does not start"
    exit 1
}

start_samba() { # DIR [SECTION of smb.conf, instead of an open one]
    local own=$WORK/samba section=${2:-}
    mkdir -p "$own"
    cat >"$own/smb.conf" <<CONF
[global]
server role = standalone server
map to guest = Bad User
interfaces = lo
bind interfaces only = yes
disable netbios = yes
smb ports = $SMB_PORT
load printers = no
disable spoolss = yes
lock directory = $own
state directory = $own
cache directory = $own
private dir = $own
pid directory = $own
ncalrpc dir = $own/ncalrpc
log file = $own/log
CONF
    if [ -n "$section" ]; then
        echo "$section" >>"$own/smb.conf"
    else
        printf '[photos]\npath = %s\nguest ok = yes\nread only = no\nforce user = %s\n' "$1" "$(stat -c %U "$1")" >>"$own/smb.conf"
    fi
    smbd --foreground --no-process-group --configfile="$own/smb.conf" </dev/null >"$own/out" 2>&1 &
    wait_for "Samba" port_answers "$SMB_PORT" || no_server "$own/out"
}

start_ganesha() { # DIR [who everybody is: lines of EXPORT]
    local own=$WORK/ganesha
    mkdir -p "$own/recovery"
    cat >"$own/ganesha.conf" <<CONF
NFS_CORE_PARAM {
    Protocols = 3, 4;
    NFS_Port = $NFS_PORT;
    MNT_Port = $((NFS_PORT + 1));
    Enable_NLM = false;
    Enable_RQUOTA = false;
    Enable_UDP = false;
}
NFSv4 {
    Graceless = true;
    Lease_Lifetime = 5;
    RecoveryBackend = fs;
    RecoveryRoot = $own/recovery;
}
EXPORT {
    Export_Id = 1;
    Path = $1;
    Pseudo = /photos;
    Access_Type = RW;
    ${2:-Squash = No_Root_Squash;}
    SecType = sys;
    Protocols = 3, 4;
    Transports = TCP;
    Attr_Expiration_Time = 5; # as long it does not see what we move away
    FSAL { Name = VFS; }
}
CONF
    mount -t tmpfs none /run # where rpcbind has its socket, and ganesha its process id
    mkdir -p /run/ganesha
    rpcbind -f >"$own/rpcbind" 2>&1 &
    wait_for "rpcbind" port_answers 111 || no_server "$own/rpcbind"
    ganesha.nfsd -F -f "$own/ganesha.conf" -L "$own/log" -p "$own/pid" >"$own/out" 2>&1 &
    wait_for "nfs-ganesha" port_answers "$NFS_PORT" || no_server "$own/log"
}

write_by() {
    local protocol=$1 root=/photos
    shift
    [ "$protocol" = nfs4 ] || [ "$protocol" = smb ] || root=$SHARE/inbox
    # shellcheck disable=SC2153 # from lib.sh
    /usr/bin/python3 -B "$ROOT/tests/lib/remote_writer.py" "$protocol" "$root" "$@"
}
