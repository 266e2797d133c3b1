#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What dropmill needs at run time, in a bare Debian 12: for the Containerfile.
set -eu
export DEBIAN_FRONTEND=noninteractive
# The libraries that the programs are linked with (tests/e2e/container.t compares), then what they start and read.
apt-get -qq update
apt-get -qq install -y --no-install-recommends \
    libarchive13 libconfig9 libcurl4 libexpat1 libglib2.0-0 libheif1 libjansson4 libjpeg62-turbo liblcms2-2 \
    libmicrohttpd12 libopenmpi3 libpng16-16 libsqlite3-0 libssl3 libtiff6 libvips42 libwebp7 libwebpmux3 zlib1g \
    openmpi-bin ca-certificates util-linux
rm -rf /var/lib/apt/lists/*
