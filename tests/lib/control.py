#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Asks the control socket: SOCKET REQUEST. \\t in REQUEST is a tab. Prints the answer, from its "ok" or "error" on."""
import socket
import sys

with socket.socket(socket.AF_UNIX) as client:
    client.settimeout(10)
    try:
        client.connect(sys.argv[1])
    except OSError as error:
        sys.exit(f"cannot connect: {error.strerror}")
    client.sendall(sys.argv[2].replace("\\t", "\t").encode() + b"\n")
    while answer := client.recv(65536):
        sys.stdout.write(answer.decode())
