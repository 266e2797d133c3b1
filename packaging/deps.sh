#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The one place that knows the Debian packages. Installs what is missing and nothing else:
#
#   sh packaging/deps.sh build|demo|test|lint|fuzz|bench|gallery|s3|bench_s3|servers|browser|page|package|judges|container ...
#
# Works as root or with sudo, on a bare Debian 12; does nothing, without root, when all is there.
set -eu

build="gcc libc6-dev make pkg-config libglib2.0-dev libvips-dev libopenmpi-dev openmpi-bin
    libconfig-dev libsqlite3-dev libcurl4-openssl-dev libssl-dev libexpat1-dev
    libjpeg62-turbo-dev libpng-dev libtiff-dev liblcms2-dev libheif-dev libwebp-dev zlib1g-dev
    libmicrohttpd-dev libjansson-dev libarchive-dev"
# shellcheck disable=SC2034 # read by eval below
demo="libvips-tools"
# shellcheck disable=SC2034
test="libvips-tools perl jq python3 python3-opencv python3-pil python3-tifffile libimage-exiftool-perl exiv2
    exempi jhead graphicsmagick geotiff-bin ffmpeg libjpeg-turbo-progs imagemagick libtiff-tools libavif-bin
    webp pngcheck gifsicle apngasm dpkg-dev sqlite3 mandoc procps python3-fusepy curl
    zsh fish"
# shellcheck disable=SC2034
lint="clang-format-14 clang-tidy-14 cppcheck shellcheck mandoc"
# shellcheck disable=SC2034
fuzz="clang libclang-rt-14-dev"
# shellcheck disable=SC2034
bench="libvips-tools iproute2 python3 python3-opencv python3-watchdog imagemagick graphicsmagick
    mate-backgrounds plasma-workspace-wallpapers"
# shellcheck disable=SC2034
s3="ceph-mon ceph-mgr ceph-osd radosgw openssl curl rclone awscli"
# shellcheck disable=SC2034
bench_s3="s3cmd"
# shellcheck disable=SC2034
servers="samba samba-vfs-modules smbclient libsmbclient nfs-ganesha nfs-ganesha-vfs libnfs13 rpcbind python3"
# shellcheck disable=SC2034
page="curl unzip p7zip-full prometheus nginx-light"
# shellcheck disable=SC2034
browser="chromium chromium-driver python3-selenium python3-opencv nginx-light"
# shellcheck disable=SC2034
gallery="libvips-tools python3 python3-opencv mate-backgrounds plasma-workspace-wallpapers
    fonts-dejavu-core"

# What builds the packages, and what judges them.
# shellcheck disable=SC2034
package="debhelper dpkg-dev fakeroot"
# shellcheck disable=SC2034
judges="mmdebstrap lintian blhc piuparts autopkgtest samba nginx-light caddy nfs-kernel-server bash-completion libvips-tools
    python3 procps"
# What the Containerfile is built and run with; mmdebstrap makes the image that it begins with.
# shellcheck disable=SC2034
container="podman crun python3-yaml mmdebstrap"

wanted=$build
for group in "$@"; do
    case $group in
    build) ;;
    demo | test | lint | fuzz | bench | gallery | s3 | bench_s3 | servers | browser | page | package | judges | container) eval "wanted=\"\$wanted \$$group\"" ;;
    *)
        echo "deps.sh: unknown group: '$group', expected build, demo, test, lint, fuzz, bench, gallery, s3, bench_s3, servers, browser, page, package, judges or container" >&2
        exit 64
        ;;
    esac
done

# One at a time: two tests that want packages would stand in each other's way.
exec 9<"$0"
flock 9

missing=
for package in $wanted; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null; then
    as_root=sudo
else
    echo "deps.sh: these packages are missing:$missing" >&2
    echo "deps.sh: install them as root, or install sudo, then try again" >&2
    exit 77
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# apt says much that nobody needs, unless it fails.
run_apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" >>"$log" 2>&1 9<&- && return
    cat "$log" >&2
    echo "deps.sh: 'apt-get $1' failed" >&2
    exit 1
}

echo "installing $(echo "$missing" | wc -w) packages (this takes a minute):$missing" >&2
run_apt update
# shellcheck disable=SC2086 # a list of words
run_apt install -y --no-install-recommends $missing
