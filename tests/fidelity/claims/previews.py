# SPDX-License-Identifier: MIT
"""Nothing shows what was cut away or hidden: previews in maker notes, in segments of their own, behind the picture, in
Photoshop's block and in XMP."""
import base64
import re
import struct

from PIL import Image
from world import claim, scene

CHAINS = ("crop-20x20", "copy", "pixelate-8", "rotate-90")
JPEG = re.compile(rb"\xFF\xD8\xFF[\xC0\xC4\xDB\xE0\xE1\xE2\xEE\xFE]")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def with_segments(data, *more):
    return data[:2] + b"".join(more) + data[2:]


def preview(world, size=(48, 32), quality=75):
    return read(world.path(world.save("preview.jpg", scene().resize(size), quality=quality)))


def one_picture(world, name, chains=CHAINS):
    for chain in chains:
        data = read(world.result(chain, name))
        found = len(JPEG.findall(data))
        assert found == (1 if data[:2] == b"\xFF\xD8" else 0), f"{chain} of {name}: {found} pictures in it"


@claim("previews: none is left in segments of their own, whoever put it there, and those that follow stay")
def segments(world):
    base, small = read(world.path(world.save("base.jpg", scene(), quality=95))), preview(world)
    large = preview(world, (1200, 900), 100)
    assert len(large) > 140000
    pieces = [large[at:at + 65000] for at in range(0, len(large), 65000)]
    after = segment(0xEB, b"stays here")
    layouts = {
        "jfxx": [segment(0xE0, b"JFXX\0\x10" + small)],
        "flashpix": [segment(0xE2, b"FPXR\0\1" + bytes(20)), segment(0xE2, b"FPXR\0\2" + small[:200]),
                     segment(0xE2, b"FPXR\0\2" + small[200:])],
        "one": [segment(0xE3, small)],
        "same": [segment(0xE4, piece) for piece in pieces],
        "rising": [segment(0xE3 + i, piece) for i, piece in enumerate(pieces)],
        "named": [segment(0xE6, b"BGTH" + small)],
        "second-exif": [segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"), segment(0xE1, b"Exif\0\0" + small)],
    }
    for name, parts in layouts.items():
        world.put(f"{name}.jpg", with_segments(base, *parts, after))
        one_picture(world, f"{name}.jpg")
        for chain in CHAINS:
            data = read(world.result(chain, f"{name}.jpg"))
            assert after in data, f"{chain} of {name}: the segment behind it"
            assert name == "jfxx" or "as it was" in world.said[chain, f"{name}.jpg"], world.said[chain, f"{name}.jpg"]
            assert pieces[1][1000:1100] not in data, f"{chain} of {name}: a piece is left"


@claim("previews: none is left in maker notes, nothing else of which changes")
def maker_notes(world):
    small = preview(world)
    note = b"ACME\0\0\0\0" + bytes(range(200)) + small + bytes(range(100, 200))
    exif = Image.Exif()
    exif[0x010F] = "Acme"
    exif[0x8769] = {0x927C: note}
    name = world.save("note.jpg", scene(), quality=95, exif=exif)
    assert note in read(world.path(name)), "the test's own file"
    for chain in (*CHAINS, "png", "webp", "tiff"):
        one_picture(world, name, (chain,))
        assert note.replace(small, bytes(len(small))) in read(world.result(chain, name)), chain


@claim("previews: of a multi-picture file, of Photoshop's block and of XMP none is left")
def elsewhere(world):
    base, small = read(world.path(world.save("base.jpg", scene(), quality=95))), preview(world)
    world.put("mpo.jpg", base + small)
    one_picture(world, "mpo.jpg")
    assert "further pictures in the file are left out" in world.said["copy", "mpo.jpg"]
    name = world.save("photoshop.jpg", scene(), quality=95)
    world.tool("exiftool", "-q", "-overwrite_original", f"-PhotoshopThumbnail<={world.path('preview.jpg')}",
               "-IPTC:City=Wien", world.path(name))
    assert len(JPEG.findall(read(world.path(name)))) == 2
    one_picture(world, name, (*CHAINS, "png", "tiff"))
    coded = base64.b64encode(small)
    for kind, words in (("image", "the picture within the XMP"), ("depthmap", "the depth map")):
        packet = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/" \
            b"1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' xmlns:G='http://ns.google.com/photos/1.0/" + \
            kind.encode() + b"/' G:Mime='image/jpeg' G:Data='" + coded + b"'/></rdf:RDF></x:xmpmeta>"
        world.put(f"{kind}.jpg", with_segments(base, segment(0xE1, packet)))
        result = read(world.result("crop-20x20", f"{kind}.jpg"))
        assert coded not in result and words in world.said["crop-20x20", f"{kind}.jpg"], kind
