# SPDX-License-Identifier: MIT
"""PNG files written by hand, also such as no encoder would write."""
import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY, RGB, PALETTE, RGBA = 0, 2, 3, 6  # colour types


def chunk(kind, data):
    """Length, kind, data, checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(size, deflated, bits=8, colour=GRAY, extra=b""):
    """A whole file of @size (width, height); @extra chunks stand before the @deflated rows."""
    header = struct.pack(">IIBBBBB", *size, bits, colour, 0, 0, 0)
    return (SIGNATURE + chunk(b"IHDR", header) + extra + chunk(b"IDAT", deflated)
            + chunk(b"IEND", b""))
