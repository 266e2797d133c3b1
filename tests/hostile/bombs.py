# SPDX-License-Identifier: MIT
"""Files that are small and ask for much, or that pretend to be pictures: name -> bytes."""
import os
import struct
import subprocess
import zlib

import png

SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' width='99999' height='99999'/>"


def zeros(count):
    """So many zeros, deflated, without holding them."""
    deflate, out, block = zlib.compressobj(9), [], bytes(1 << 20)
    for size in [len(block)] * (count >> 20) + [count & (1 << 20) - 1]:
        out.append(deflate.compress(block[:size]))
    return b"".join(out) + deflate.flush()


def empty_png(width, height, bits=1, colour=png.GRAY, extra=b""):
    """Zeros in every row, and the filter's in front of it."""
    row = 1 + (width * bits * {png.GRAY: 1, png.RGB: 3}[colour] + 7) // 8
    return png.png((width, height), zeros(row * height), bits, colour, extra)


def jpeg_of(folder, width, height, options):
    """A black JPEG by libvips' tools."""
    path = f"{folder}/.bomb.jpg"
    black = f"{folder}/.bomb.v"
    subprocess.run(["vips", "black", black, str(width), str(height), "--bands", "3"], check=True)
    subprocess.run(["vips", "jpegsave", black, path, *options], check=True)
    with open(path, "rb") as file:
        data = file.read()
    os.unlink(path)
    os.unlink(black)
    return data


def many_scans(data, count):
    """The last scan of a progressive JPEG, @count times more."""
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * count + data[-2:]


def gif(width, height, frames):
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff" + frame * frames + b";"


def tiff(entries, next_ifd=0, tail=b""):
    """One directory; an entry is (tag, type, count, value)."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + body + struct.pack("<I", next_ifd) + tail


def tiff_of(width, height, next_ifd=0, **more):
    data = bytes(64)
    start = 8 + 2 + 12 * (8 + len(more)) + 4
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
               (273, 4, 1, start), (278, 4, 1, height), (279, 4, 1, 64)]
    return tiff(entries + list(more.values()), next_ifd, data)


def with_segment(jpeg, marker, payload):
    return jpeg[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload + jpeg[2:]


def looping_exif():
    """A directory whose sub-directories and successor are itself."""
    entries = [(0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0xA005, 4, 1, 8)]
    return b"Exif\0\0" + tiff(entries, next_ifd=8)


def circling_exif(count):
    """A directory full of sub-directories, each of which is itself."""
    return b"Exif\0\0" + tiff([(0x8769, 4, 1, 8)] * count)


def riff(name, payload):
    return name + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) & 1)


def webp_frames(count):
    """An animation of one pixel."""
    pixel = riff(b"VP8L", bytes.fromhex("2f0000000007d0842634a1ff8188e87f0000"))
    frame = riff(b"ANMF", bytes(12) + b"\x64\0\0\0" + pixel)
    body = b"WEBP" + riff(b"VP8X", b"\2" + bytes(9)) + riff(b"ANIM", bytes(6)) + frame * count
    return riff(b"RIFF", body)


def garbage_profile():
    return b"ICC_PROFILE\0\1\1" + struct.pack(">I", 3000) + b"\xff" * 120 + os.urandom(16) * 180


def bombs(folder, small_jpeg):
    """The cheap ones first; @small_jpeg: a valid file to build on."""
    progressive = jpeg_of(folder, 1600, 1200, ["--interlace"])
    text = zeros(200 << 20)
    return {
        "png-60000.png": empty_png(60000, 60000),
        "png-12000-gray.png": empty_png(12000, 12000, 8),
        "png-wide.png": empty_png(1000000, 1, 8),
        "png-tall.png": empty_png(1, 1000000, 8),
        "png-zero.png": empty_png(0, 0),
        "png-no-rows.png": empty_png(10, 0),
        "png-huge-claim.png": png.png((0x7FFFFFFF, 0x7FFFFFFF), zlib.compress(b"\0" * 99), 8, png.RGB),
        "png-ztxt.png": empty_png(8, 8, 8, extra=png.chunk(b"zTXt", b"Comment\0\0" + text)),
        "png-itxt.png": empty_png(8, 8, 8, extra=png.chunk(b"iTXt", b"Comment\0\1\0\0\0" + text)),
        "png-iccp.png": empty_png(8, 8, 8, png.RGB, extra=png.chunk(b"iCCP", b"icc\0\0" + text)),
        "png-many-chunks.png": empty_png(8, 8, 8, extra=png.chunk(b"tEXt", b"a\0b") * 20000),
        "jpeg-progressive-8000.jpg": jpeg_of(folder, 8000, 8000, ["--interlace", "--subsample-mode", "off"]),
        "jpeg-claims-65500.jpg": progressive.replace(struct.pack(">HH", 1200, 1600), struct.pack(">HH", 65500, 65500)),
        "jpeg-many-scans.jpg": many_scans(progressive, 5000),
        "jpeg-exif-loop.jpg": with_segment(small_jpeg, 0xE1, looping_exif()),
        "jpeg-exif-circles.jpg": with_segment(small_jpeg, 0xE1, circling_exif(4900)),
        "jpeg-many-app1.jpg": small_jpeg[:2] + b"\xff\xe1\0\x02" * 100000 + small_jpeg[2:],
        "jpeg-many-app2.jpg": small_jpeg[:2] + b"\xff\xe2\0\x02" * 100000 + small_jpeg[2:],
        "webp-frames.webp": webp_frames(80000),
        "jpeg-icc-garbage.jpg": with_segment(small_jpeg, 0xE2, garbage_profile()),
        "jpeg-many-segments.jpg": small_jpeg[:2] + b"\xff\xfe\0\x04ab" * 200000 + small_jpeg[2:],
        "gif-65535.gif": gif(65535, 65535, 1),
        "gif-frames.gif": gif(1000, 1000, 20000),
        "gif-many-small.gif": gif(4, 4, 50000),
        "gif-zero.gif": gif(0, 0, 1),
        "tiff-loop.tif": tiff_of(8, 8, next_ifd=8),
        "tiff-huge.tif": tiff_of(0x7FFFFFFF, 0x7FFFFFFF),
        "tiff-huge-tag.tif": tiff_of(8, 8, more=(270, 2, 0x7FFFFFFF, 0)),
        "tiff-strips.tif": tiff([(256, 4, 1, 8), (257, 4, 1, 0x7FFFFFFF), (258, 3, 1, 8), (262, 3, 1, 1),
                                 (273, 4, 0x3FFFFFFF, 8), (278, 4, 1, 1), (279, 4, 0x3FFFFFFF, 8)]),
        "tiff-self.tif": tiff([(256, 4, 1, 8), (257, 4, 1, 8), (330, 4, 1, 8)], next_ifd=8),
    }


DISGUISES = {
    "svg.jpg": SVG, "svg.png": SVG, "svgz.png": zlib.compress(SVG), "svg-bom.png": b"\xef\xbb\xbf" + SVG,
    "matrix.jpg": b"3 3\n1 2 3\n4 5 6\n7 8 9\n", "csv.png": b"1,2,3\n4,5,6\n", "pdf.jpg": b"%PDF-1.4\n1 0 obj\n",
    "html.png": b"<!DOCTYPE html><img src=x>", "mvg.jpg": b"push graphic-context\nviewbox 0 0 9 9\n",
    "msl.png": b"<?xml version='1.0'?><image><read filename='/etc/passwd'/></image>", "ps.jpg": b"%!PS-Adobe-3.0\n",
    "vips.jpg": b"\xb6\xa6\xf2\x08" + bytes(60), "ppm.png": b"P6 2 2 255\n" + bytes(12), "hdr.jpg": b"#?RADIANCE\n",
    "fits.png": b"SIMPLE  =                    T" + bytes(50), "mat.jpg": b"MATLAB 5.0 MAT-file" + bytes(200),
    "exr.jpg": b"\x76\x2f\x31\x01" + bytes(60), "zeros.jpg": bytes(5000), "empty.jpg": b"", "one.jpg": b"\xff",
    "soi.jpg": b"\xff\xd8\xff", "elf.png": b"\x7fELF" + bytes(60), "link.jpg": b"/etc/passwd\n",
    "gif-only.gif": b"GIF89a", "riff.webp": b"RIFF\xff\xff\xff\xffWEBPVP8 ", "ftyp.heic": b"\0\0\0\x10ftypheic\0\0\0\0",
    "ftyp-avif.avif": b"\0\0\0\x18ftypavif\0\0\0\0avifmif1" + bytes(40),
}
