# SPDX-License-Identifier: MIT
"""What files of other programs say: exiv2's maker notes, exempi's (Adobe's toolkit) and exiftool's extended XMP, IPTC that
exiftool, exiv2 and ImageMagick laid in several segments, colour tags by exiv2 over ImageMagick's and ffmpeg's JPEGs,
comments by jhead, GraphicsMagick and ffmpeg, georeferences by libgeotiff and tifffile."""
import io
import zipfile

import colour
import numpy as np
import tifffile
from PIL import Image, ImageCms
from world import claim, scene


def read(path):
    with open(path, "rb") as file:
        return file.read()


def by_pillow(world, name):
    return world.save(name, colour.muted(scene(marked=False)), quality=98, subsampling=0)


def by_magick(world, name):
    world.save("source.png", colour.muted(scene(marked=False)))
    world.tool("convert", world.path("source.png"), "-quality", "98", "-sampling-factor", "1x1", world.path(name))
    return name


def by_ffmpeg(world, name):
    world.save("source.png", colour.muted(scene(marked=False)))
    world.tool("ffmpeg", "-v", "error", "-y", "-i", world.path("source.png"), "-q:v", "1", world.path(name))
    return name


def set_by_exiv2(world, name, *words):
    world.tool("exiv2", *(f"-M{word}" for word in words), world.path(name))
    return name


# ---- maker notes

MAKERS = {"Canon": ("Canon", "OwnerName Ascii Anna", "LensModel Ascii Prime"),
          "NIKON": ("Nikon3", "Quality Ascii FINE", "ISOSpeed Short 0 200"),
          "Panasonic": ("Panasonic", "InternalSerialNumber Undefined 65 66 67 68", "Quality Short 2"),
          "PENTAX": ("Pentax", "ISO Short 3", "Quality Short 2"),
          "SONY": ("Sony1", "LensID Long 25", "Quality Long 2"),
          "FUJIFILM": ("Fujifilm", "Quality Ascii FINE", "Sharpness Short 3"),
          "SIGMA": ("Sigma", "SerialNumber Ascii 12345", "DriveMode Ascii SINGLE"),
          "CASIO": ("Casio", "Quality Short 2", "FlashMode Short 1")}


def notes(world, path, group):
    """As exiv2 and as exiftool read them."""
    return (world.tool("exiv2", "-PEkv", "-g", f"Exif.{group}.", path),
            [row for row in world.tool("exiftool", "-s", "-a", "-G1", "-MakerNotes:all", path).splitlines()
             if "Preview" not in row])


@claim("foreign: maker notes of eight makers, by exiv2, read the same before and after, in every format that has EXIF")
def maker_notes(world):
    for number, (make, (group, *values)) in enumerate(MAKERS.items()):
        name = set_by_exiv2(world, (by_magick, by_pillow)[number % 2](world, f"notes-{group}.jpg"),
                            f"set Exif.Image.Make Ascii {make}", "set Exif.Image.Model Ascii One",
                            *(f"set Exif.{group}.{value}" for value in values))
        before = notes(world, world.path(name), group)
        assert before[0].count("\n") >= 2 and before[1], f"{make}: the test's own file: {before}"
        for chain in ("copy", "rotate-90", "crop-40x30", "png", "webp", "tiff", "avif"):
            result = world.result(chain, name)
            after = notes(world, result, group)
            # exiv2 of Debian 12 reads no AVIF
            assert after[1] == before[1] and (chain == "avif" or after[0] == before[0]), f"{chain} of {name}: {after}"


# ---- blocks of several segments

def segment_count(data, name):
    """How many segments before the first scan begin with @name."""
    at, count = 2, 0
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        count += data[at + 4:].startswith(name)
        at += 2 + int.from_bytes(data[at + 2:at + 4], "big")
    return count


@claim("foreign: extended XMP by Adobe's toolkit and by exiftool is joined, edited, and split again")
def extended_xmp(world):
    long = "y" * 90000
    text = world.path(world.put("long.txt", long.encode()))
    world.tool("exempi", "-w", "-s", "dc:description", "-v", long, world.path(by_magick(world, "adobe.jpg")))
    world.tool("exiftool", "-q", "-overwrite_original", f"-XMP-dc:Description<={text}", "-n", "-XMP-tiff:Orientation=6",
               "-Orientation=6", world.path(by_ffmpeg(world, "exiftool.jpg")))
    for name in ("adobe.jpg", "exiftool.jpg"):
        assert segment_count(read(world.path(name)), b"http://ns.adobe.com/xmp/extension/\0") >= 2, "the test's own file"
        for chain in ("copy", "rotate-90", "png", "webp", "tiff", "png_jpeg"):
            result = world.result(chain, name)
            assert world.tool("exiftool", "-b", "-XMP-dc:Description", result) == long, f"{chain} of {name}"
            packets = read(result).count(b"http://ns.adobe.com/xmp/extension/\0")
            assert (packets >= 2) == result.endswith(".jpg"), f"{chain} of {name}: {packets} pieces"
        turned = world.tags(world.result("rotate-90", name))
        assert turned.get("Orientation", "Horizontal (normal)") == "Horizontal (normal)", turned["Orientation"]


@claim("foreign: IPTC in several segments by exiftool, exiv2 and ImageMagick comes whole to JPEG, PNG and TIFF, and back")
def long_iptc(world):
    words = [f"keyword number {number} of many, all of them quite long" for number in range(2500)]
    by = world.path(world.put("args", "\n".join(f"-IPTC:Keywords={word}" for word in words).encode()))
    world.tool("exiftool", "-q", "-overwrite_original", "-@", by, world.path(by_ffmpeg(world, "iptc-exiftool.jpg")))
    by = world.path(world.put("cmds", "\n".join(f"add Iptc.Application2.Keywords String {word}" for word in words).encode()))
    world.tool("exiv2", "-m", by, world.path(by_pillow(world, "iptc-exiv2.jpg")))
    bare = b"".join(b"\x1c\x02\x19" + len(word).to_bytes(2, "big") + word.encode() for word in words)
    world.put("bare.iptc", bare)
    world.tool("convert", world.path("source.png"), "-profile", f"iptc:{world.path('bare.iptc')}",
               world.path("iptc-magick.jpg"))
    for name in ("iptc-exiftool.jpg", "iptc-exiv2.jpg", "iptc-magick.jpg"):
        assert segment_count(read(world.path(name)), b"Photoshop 3.0\0") >= 2, f"the test's own file: {name}"
        before = world.tool("exiftool", "-s3", "-sep", "|", "-IPTC:Keywords", world.path(name))
        assert "number 0 of" in before
        for chain in ("copy", "rotate-90", "png", "tiff", "png_jpeg", "tiff_jpeg"):
            after = world.tool("exiftool", "-s3", "-sep", "|", "-IPTC:Keywords", world.result(chain, name))
            # ImageMagick cuts within a record: exiftool reads the first piece of it, until TIFF has them in one
            assert after in (before, "|".join(words) + "\n"), f"{chain} of {name}: {after.count('|')} keywords of {before.count('|')}"
        world.result("webp", name)
        assert "IPTC and Photoshop's block left out of the webp" in world.said["webp", name], world.said["webp", name]


# ---- colour tags

@claim("foreign: colour tags by exiv2 are what the numbers mean, and are true of the result")
def colour_tags(world):
    adobe = world.path(world.put("adobe.icc", colour.ADOBE))
    world.tool("convert", world.path(by_magick(world, "icc.jpg")), "-profile", adobe, world.path("icc.jpg"))
    set_by_exiv2(world, "icc.jpg", "set Exif.Photo.ColorSpace Short 65535", "set Exif.Iop.InteroperabilityIndex Ascii R03")
    set_by_exiv2(world, by_ffmpeg(world, "tag.jpg"), "set Exif.Photo.ColorSpace Short 2")
    set_by_exiv2(world, by_pillow(world, "index.jpg"), "set Exif.Photo.ColorSpace Short 65535",
                 "set Exif.Iop.InteroperabilityIndex Ascii R03", "set Xmp.exif.ColorSpace XmpText 65535")
    for name in ("icc.jpg", "tag.jpg", "index.jpg"):
        before = Image.open(world.path(name))
        own = io.BytesIO(before.info.get("icc_profile") or colour.ADOBE)
        before.info.pop("icc_profile", None)
        wanted = ImageCms.profileToProfile(before, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
        for chain in ("srgb_png", "srgb"):
            colour.look_alike(wanted, world.open(chain, name).convert("RGB"), 1.5, 6.0)
        tags = world.tags(world.result("srgb", name))
        assert tags["ColorSpace"] == "sRGB" and "R03" not in tags.get("InteropIndex", ""), tags
        exiv2 = world.tool("exiv2", "-PEXkv", world.result("srgb", name))
        assert "65535" not in exiv2 and "R03" not in exiv2, exiv2
        copied = world.tags(world.result("copy", name))
        assert copied["ColorSpace"] == world.tags(world.path(name))["ColorSpace"], copied


# ---- comments, segments, page tags

@claim("foreign: comments by jhead, GraphicsMagick and ffmpeg stay in JPEG, PNG and GIF")
def comments(world):
    world.tool("jhead", "-cl", "a comment", world.path(by_magick(world, "jhead.jpg")))
    world.tool("gm", "convert", world.path(by_ffmpeg(world, "plain.jpg")), "-comment", "a comment", world.path("gm.jpg"))
    world.tool("gm", "convert", world.path("plain.jpg"), "-comment", "a comment", world.path("gm.gif"))
    for name in ("jhead.jpg", "gm.jpg", "gm.gif"):
        assert b"a comment" in read(world.path(name)), "the test's own file"
        for chain in ("invert", "rotate-90", "png", "gif", "jpeg"):
            tags = world.tags(world.result(chain, name))
            assert tags["Comment"] == "a comment", f"{chain} of {name}: {tags}"
        world.result("webp", name)
        assert "comments left out of the webp" in world.said["webp", name], world.said["webp", name]
    assert b"Lavc" in read(world.path("plain.jpg")) and b"Lavc" in read(world.result("copy", "plain.jpg"))


@claim("foreign: segments by exiftool are passed on; a zip behind a photo is left out with a remark")
def segments(world):
    name = by_ffmpeg(world, "ducky.jpg")
    world.tool("exiftool", "-q", "-overwrite_original", "-Ducky:Comment=hello", "-Ducky:Quality=60", world.path(name))
    for chain in ("copy", "crop-40x30"):
        tags = world.tags(world.result(chain, name))
        assert tags["Quality"] == "60%" and "Ducky" not in world.said[chain, name], tags
    world.result("png", name)
    assert "'Ducky' left out of the png" in world.said["png", name], world.said["png", name]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", "a text")
    world.put("zip.jpg", read(world.path(name)) + archive.getvalue())
    result = read(world.result("copy", "zip.jpg"))
    assert f"{len(archive.getvalue())} bytes behind the picture are left out" in world.said["copy", "zip.jpg"]
    assert b"a.txt" not in result


GEO = """Geotiff_Information:
   Version: 1
   Key_Revision: 1.0
   Tagged_Information:
      ModelTiepointTag (2,3):
         0                 0                 0
         440720            100000            0
      ModelPixelScaleTag (1,3):
         60                60                0
      End_Of_Tags.
   Keyed_Information:
      GTModelTypeGeoKey (Short,1): ModelTypeProjected
      GTRasterTypeGeoKey (Short,1): RasterPixelIsArea
      ProjectedCSTypeGeoKey (Short,1): Unknown-32617
      End_Of_Keys.
   End_Of_Geotiff.
"""
GEO_TAGS = ("PixelScale", "ModelTiePoint", "GTModelType", "GTRasterType", "ProjectedCSType")


@claim("foreign: georeferences by libgeotiff and tifffile are passed on, follow a cut, and go with a turn")
def geo(world):
    world.tool("geotifcp", "-g", world.path(world.put("geo.txt", GEO.encode())), world.path(world.save("geo-in.tif", scene())),
               world.path("libgeotiff.tif"))
    keys = (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32617)
    tifffile.imwrite(world.path("tifffile.tif"), np.asarray(scene()), photometric="rgb", byteorder=">", metadata=None, extratags=[
        (33550, 12, 3, (60.0, 60.0, 0.0), True), (33922, 12, 6, (0.0, 0.0, 0.0, 440720.0, 100000.0, 0.0), True),
        (34735, 3, len(keys), keys, True)])
    for name in ("libgeotiff.tif", "tifffile.tif"):
        before = {tag: world.tags(world.path(name)).get(tag) for tag in GEO_TAGS}
        assert None not in before.values() and before["ModelTiePoint"] == "0 0 0 440720 100000 0", before
        for chain in ("invert", "tiff-deflate"):
            after = world.tags(world.result(chain, name))
            assert {tag: after.get(tag) for tag in GEO_TAGS} == before, f"{chain} of {name}: {after}"
        cut = world.tags(world.result("crop-40x30-10-20", name))
        x, y, _, east, north, _ = map(float, cut["ModelTiePoint"].split())
        assert (east - (x + 10) * 60 + 600, north + y * 60) != (0, 0) and cut["PixelScale"] == "60 60 0", cut
        assert abs(east + (0 - x) * 60 - (440720 + 600)) < 1 and abs(north - (0 - y) * 60 - (100000 - 1200)) < 1, cut
        turned = world.tags(world.result("rotate-90", name))
        assert "ModelTiePoint" not in turned and "georeference is left out" in world.said["rotate-90", name], turned
