#!/bin/sh
# SPDX-License-Identifier: MIT
# The page's thumbnails and previews, by the real worker in its jail: they come, whatever happens to it.
cd "$(dirname "$0")" || exit 1
exec /usr/bin/python3 -B page_pictures.py "${BUILD:-$(pwd)/../../build/release}"
