# SPDX-License-Identifier: MIT
"""BigTIFF says as much as TIFF does. Its files are made of TIFFs by exiftool, directory by directory after the
specification, and by tifffile."""
import struct

import colour
import numpy as np
import tifffile
from PIL import Image
from world import alike, claim, scene

WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
POINTERS = (34665, 34853, 40965)
STRIPS = (273, 324)


def widen(data):
    """A TIFF as a BigTIFF: all keeps its place, and wider directories stand behind it. The header takes the place of
    the first directory, or of one that is not in use."""
    order = "<" if data[:2] == b"II" else ">"
    out = bytearray(data)

    def directory(at):
        count, = struct.unpack_from(order + "H", data, at)
        entries = []
        for i in range(count):
            tag, kind, number, value = struct.unpack_from(order + "HHII", data, at + 2 + 12 * i)
            size = WIDTHS[kind] * number
            place = at + 10 + 12 * i if size <= 4 else value
            raw = data[place:place + size]
            if tag in POINTERS:
                kind, raw = 18, struct.pack(order + "Q", directory(value))
            elif tag in STRIPS:
                offsets = struct.unpack(order + str(number) + {3: "H", 4: "I"}[kind], raw)
                kind, raw = 16, struct.pack(order + str(number) + "Q", *offsets)
                place = len(out)
                out.extend(raw)
            if len(raw) > 8:
                raw = struct.pack(order + "Q", place)
            entries.append(struct.pack(order + "HHQ", tag, kind, number) + raw.ljust(8, b"\0"))
        where = len(out)
        out.extend(struct.pack(order + "Q", count) + b"".join(entries) + bytes(8))
        return where
    first = directory(struct.unpack_from(order + "I", data, 4)[0])
    out[:16] = data[:2] + struct.pack(order + "HHHQ", 43, 8, 0, first)
    return bytes(out)


TAGS = {"Artist": "Anna", "HostComputer": "iPhone", "ExposureTime": "1/250", "LensModel": "Prime",
        "GPSLatitude": "48.2", "GPSLatitudeRef": "N", "InteropIndex": "R98", "XMP-dc:Title": "A title",
        "IPTC:Keywords": "boat"}
KEPT = ("Artist", "HostComputer", "ExposureTime", "LensModel", "GPSLatitude", "InteropIndex", "Title", "Keywords")


def same(world, chain, name, small, tags):
    """What the TIFF @small said before it was widened."""
    before, after = world.tags(world.path(small)), world.tags(world.result(chain, name))
    lost = [(tag, before[tag], after.get(tag)) for tag in tags if after.get(tag) != before[tag]]
    assert not lost, f"{chain} of {name}: {lost}"
    assert "left out" not in world.said[chain, name], world.said[chain, name]
    return after


def big(world, small):
    with open(world.path(small), "rb") as file:
        name = world.put(f"big-{small}", widen(file.read()))
    assert world.tags(world.path(name))["FileType"] == "BTF"
    alike(Image.open(world.path(small)), world.open("png", name), 0, "the pixels")
    return name


@claim("bigtiff: EXIF, GPS, XMP, IPTC, profile and resolution are kept, in both orders of bytes")
def all_blocks(world):
    profile = world.path(world.put("p3.icc", colour.DISPLAY_P3))
    for order in ("II", "MM"):
        small = world.save(f"small-{order}.tif", scene(), dpi=(200, 100))
        world.tool("exiftool", "-q", "-overwrite_original", f"-ExifByteOrder={order}", f"-ICC_Profile<={profile}",
                   *(f"-{key}={text}" for key, text in TAGS.items()), world.path(small))
        name = big(world, small)
        for chain in ("copy", "tiff-deflate_rotate-90", "png", "jpeg"):
            after = same(world, chain, name, small, KEPT)
            assert world.open(chain, name).info["icc_profile"] == colour.DISPLAY_P3, after
            found = world.open(chain, name).info["dpi"]
            wanted = (100, 200) if "rotate" in chain else (200, 100)
            assert max(abs(float(a) - b) for a, b in zip(found, wanted)) < 1, f"{chain}: {found}"


@claim("bigtiff: maker notes read the same")
def notes(world):
    with open(world.result("tiff", world.sample("jpg-makernote-gap.jpg")), "rb") as file:
        small = world.put("notes.tif", file.read())
    for chain in ("copy", "jpeg"):
        same(world, chain, big(world, small), small, ("CanonImageType", "CanonFirmwareVersion", "OwnerName", "LensModel"))


@claim("bigtiff: what tifffile and GeoTIFF add to a page is passed on; libtiff's bare file needs no remark")
def pages(world):
    extra = [(33550, 12, 3, (10.0, 10.0, 0.0), True), (33922, 12, 6, (0, 0, 0, 500000.0, 100.0, 0.0), True),
             (34735, 3, 8, (1, 1, 0, 1, 1024, 0, 1, 1), True), (65000, 16, 2, (7, 70000), True)]
    with tifffile.TiffWriter(world.path("pages.tif"), bigtiff=True) as writer:
        for number in range(2):
            writer.write(np.asarray(scene()), photometric="rgb", extratags=extra, metadata=None,
                         description=f"page {number}", software="another")
    result = world.result("invert", "pages.tif")
    tags, page = world.tags(result), tifffile.TiffFile(result).pages[0]
    assert tags["PixelScale"] == "10 10 0" and tags["GTModelType"] == "Projected", tags
    assert tags["ModelTiePoint"] == "0 0 0 500000 100 0" and page.tags[65000].value == (7, 70000), tags
    assert page.tags["Software"].value == "another" and page.description == "page 0", tags
    assert len(tifffile.TiffFile(result).pages) == 2
    world.tool("tiffcp", "-8", world.path(world.save("bare.tif", scene())), world.path("bare-big.tif"))
    world.result("copy", "bare-big.tif")
    assert "left out" not in world.said["copy", "bare-big.tif"], world.said["copy", "bare-big.tif"]
