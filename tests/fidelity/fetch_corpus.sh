#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Fetches the test pictures of ExifTool, Exiv2, Pillow and libtiff, as Debian has their sources, into DIR:
# one folder a project. What is there is not fetched again.
#
#   sh tests/fidelity/fetch_corpus.sh DIR [PACKAGE ...]      default: all four
set -eu
dir=$1
shift
[ $# -gt 0 ] || set -- libimage-exiftool-perl exiv2 pillow tiff
mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
cd "$dir"
here=$(pwd)

# A list of its own: the machine's may have no sources in it.
key=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb-src [signed-by=$key] http://deb.debian.org/debian bookworm main" >apt/sources.list
own_apt() {
    apt-get -qq -o "Dir::Etc::SourceList=$here/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o "Dir::State::Lists=$here/apt/lists" -o "Dir::Cache=$here/apt/cache" "$@"
}

# package | folder in its archive
while read -r package folder; do
    case " $* " in *" $package "*) ;; *) continue ;; esac
    [ ! -d "$package" ] || continue
    [ -n "$(ls apt/lists/*Sources* 2>/dev/null)" ] || own_apt update
    own_apt source --download-only "$package" 2>/dev/null
    mkdir "$package.part"
    tar -xf "$package"_*.orig.tar.* -C "$package.part" --strip-components=1 --wildcards "*/$folder"
    mv "$package.part" "$package"
done <<LIST
libimage-exiftool-perl t/images
exiv2 test/data
pillow Tests/images
tiff test/images
LIST
