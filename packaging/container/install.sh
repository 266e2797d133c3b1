#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What dropmill needs at run time, in a bare Debian 12: for the Containerfile.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install -y --no-install-recommends libvips42 libopenmpi3 openmpi-bin libconfig9 libsqlite3-0 libcurl4 \
    libexpat1 libmicrohttpd12 libjansson4 libarchive13 libheif1 libwebpmux3 liblcms2-2 ca-certificates util-linux
rm -rf /var/lib/apt/lists/*
