# SPDX-License-Identifier: MIT
"""Ways to spoil a file, each a function of its bytes and a random generator. A new way is a row in WAYS."""
import struct

EXTREMES = (b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"\x00\x00\x00\x01",
            b"\x00\x01\x00\x00", b"\xff\xff\x00\x00")


def flip_bits(data, rng):
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data))
        data[at] ^= 1 << rng.randrange(8)
    return data


def set_bytes(data, rng):
    for _ in range(rng.randint(1, 4)):
        data[rng.randrange(len(data))] = rng.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF))
    return data


def set_header(data, rng):
    """Where sizes, counts and offsets are."""
    for _ in range(rng.randint(1, 3)):
        data[rng.randrange(min(len(data), 64))] = rng.randrange(256)
    return data


def set_length(data, rng):
    at = rng.randrange(max(len(data) - 4, 1))
    value = rng.choice(EXTREMES)[:rng.choice((2, 4))]
    data[at:at + len(value)] = value
    return data


def cut_out(data, rng):
    at, size = rng.randrange(len(data)), rng.randint(1, 64)
    del data[at:at + size]
    return data


def repeat(data, rng):
    at, size = rng.randrange(len(data)), rng.randint(1, 200)
    data[at:at] = data[at:at + size] * rng.randint(1, 5)
    return data


def swap(data, rng):
    size = rng.randint(1, 64)
    a, b = sorted(rng.randrange(len(data)) for _ in range(2))
    data[a:a + size], data[b:b + size] = data[b:b + size], data[a:a + size]
    return data


def truncate(data, rng):
    return data[:rng.randrange(len(data))]


def append_noise(data, rng):
    return data + bytes(rng.randrange(256) for _ in range(rng.randint(1, 300)))


def chunks_of(data):
    """(start, end) of PNG chunks, RIFF chunks, JPEG segments or ISO boxes, if it is one of these."""
    found, at = [], 8
    if data[:4] == b"\x89PNG":
        while at + 12 <= len(data):
            end = at + 12 + struct.unpack(">I", data[at:at + 4])[0]
            found.append((at, end))
            at = end
    elif data[:4] == b"RIFF":
        at = 12
        while at + 8 <= len(data):
            end = at + 8 + (struct.unpack("<I", data[at + 4:at + 8])[0] + 1 & ~1)
            found.append((at, end))
            at = end
    elif data[:2] == b"\xff\xd8":
        at = 2
        while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
            end = at + 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
            found.append((at, end))
            at = end
    elif data[4:8] == b"ftyp":
        at = 0
        while at + 8 <= len(data):
            end = at + max(struct.unpack(">I", data[at:at + 4])[0], 8)
            found.append((at, end))
            at = end
    return found


def shuffle_chunks(data, rng):
    """Swap, double or drop one of the file's own parts."""
    chunks = chunks_of(data)
    if len(chunks) < 2:
        return flip_bits(data, rng)
    (a, a_end), (b, b_end) = (rng.choice(chunks) for _ in range(2))
    way = rng.randrange(3)
    if way == 0:
        del data[a:a_end]
    elif way == 1:
        data[a:a] = data[b:b_end]
    else:
        data[a:a_end] = data[b:b_end]
    return data


WAYS = (flip_bits, set_bytes, set_header, set_length, cut_out, repeat, swap, truncate, append_noise, shuffle_chunks)


def spoil(data, rng):
    """One or two ways, one after the other."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2))):
        if data:
            data = rng.choice(WAYS)(data, rng)
    return bytes(data)
