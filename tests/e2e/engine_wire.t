#!/bin/sh
# SPDX-License-Identifier: MIT
# One worker session from the watcher's side, over the wire: order and disorder.
cd "$(dirname "$0")" || exit 1
exec /usr/bin/python3 -B engine_wire.py "${BUILD:-../../build/release}/dropmill-worker"
