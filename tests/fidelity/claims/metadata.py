# SPDX-License-Identifier: MIT
"""EXIF, GPS, XMP, IPTC and the rest, written and read by exiftool."""
import os

from world import claim, scene

TAGS = {"Make": "Acme", "Model": "One", "DateTimeOriginal": "2024:05:06 07:08:09", "Artist": "Anna",
        "GPSLatitude": "48.2", "GPSLatitudeRef": "N", "GPSLongitude": "16.3", "GPSLongitudeRef": "E",
        "ExposureTime": "1/250", "FNumber": "2.8", "LensModel": "Prime"}
XMP = {"XMP-dc:Title": "A title", "XMP-xmp:Rating": "4"}
IPTC = {"IPTC:Keywords": "holiday", "IPTC:City": "Vienna"}
KEPT = ("Make", "Model", "DateTimeOriginal", "Artist", "GPSLatitude", "GPSLongitude", "ExposureTime", "FNumber",
        "LensModel")


def tagged(world):
    """A JPEG with all of it, and an embedded thumbnail."""
    name = "tagged.jpg"
    if not os.path.exists(world.path(name)):
        world.save(name, scene(), quality=95, dpi=(300, 300))
        thumbnail = world.path(world.save("thumbnail.jpg", scene().resize((24, 16))))
        words = [f"-{key}={value}" for key, value in {**TAGS, **XMP, **IPTC}.items()]
        world.tool("exiftool", "-q", "-overwrite_original", "-Comment=hello", f"-ThumbnailImage<={thumbnail}",
                   "-ExifImageWidth=96", "-ExifImageHeight=64", *words, world.path(name))
        assert "ThumbnailImage" in world.tags(world.path(name))
    return name


def same_tags(world, chain, wanted):
    before, after = (world.tags(path) for path in (world.path(tagged(world)), world.result(chain, tagged(world))))
    lost = [tag for tag in wanted if after.get(tag) != before[tag]]
    assert not lost, f"{chain}: {[(tag, before[tag], after.get(tag)) for tag in lost]}"
    return after


@claim("metadata: EXIF with GPS is kept, in every format that can hold it")
def exif(world):
    for chain in ("copy", "gray", "resize-48", "rotate-90", "webp", "png", "tiff", "avif"):
        same_tags(world, chain, KEPT)


@claim("metadata: EXIF, XMP and IPTC come back out of a TIFF")
def out_of_tiff(world):
    with open(world.result("tiff", tagged(world)), "rb") as file:
        source = world.put("tagged.tif", file.read())
    before = world.tags(world.path(tagged(world)))
    for chain in ("jpeg", "tiff-deflate", "rotate-90"):
        after = world.tags(world.result(chain, source))
        lost = [tag for tag in (*KEPT, "Title", "Keywords", "City") if after.get(tag) != before[tag]]
        assert not lost, f"{chain}: {lost}"


@claim("metadata: XMP is kept, in every format that can hold it")
def xmp(world):
    for chain in ("copy", "resize-48", "webp", "png", "tiff"):
        same_tags(world, chain, ("Title", "Rating"))


@claim("metadata: IPTC is kept in JPEG and TIFF")
def iptc(world):
    for chain in ("copy", "resize-48", "tiff"):
        same_tags(world, chain, ("Keywords", "City"))


@claim("metadata: the embedded thumbnail, which shows the uncropped original, is gone")
def thumbnail(world):
    for chain in ("copy", "crop-20x20", "strip", "webp", "png", "tiff"):
        tags = world.tags(world.result(chain, tagged(world)))
        assert "ThumbnailImage" not in tags and "ThumbnailLength" not in tags, chain


@claim("metadata: EXIF's dimensions are those of the result")
def dimensions(world):
    tags = same_tags(world, "crop-20x10", KEPT)
    assert (tags["ExifImageWidth"], tags["ExifImageHeight"]) == ("20", "10"), tags


@claim("metadata: the resolution is kept")
def resolution(world):
    for chain in ("copy", "resize-48", "png", "tiff"):
        dpi = world.open(chain, tagged(world)).info.get("dpi", (0, 0))
        assert abs(float(dpi[0]) - 300) < 1, f"{chain}: {dpi}"


@claim("metadata: 'strip' takes all that tells of people, places and cameras")
def strip(world):
    for chain in ("strip", "strip_png", "strip_webp", "strip_tiff", "resize-48_strip"):
        tags = world.tags(world.result(chain, tagged(world)))
        left = [tag for tag in (*KEPT, "Title", "Rating", "Keywords", "City", "Comment", "Artist") if tag in tags]
        assert not left, f"{chain}: {left}"
        with open(world.result(chain, tagged(world)), "rb") as file:
            data = file.read()
        assert b"Acme" not in data and b"Vienna" not in data and b"holiday" not in data, chain
