# SPDX-License-Identifier: MIT
"""What a file says about itself: passed on, corrected, or said to be left out. On the samples in inputs/, and on files
that exiftool, ImageMagick and Pillow made."""
import os
import re
import struct

from PIL import Image, PngImagePlugin
from world import alike, claim, scene

FACE = "-RegionInfo={{AppliedToDimensions={{W=96,H=64,Unit=pixel}},RegionList=[{{Area={{X={},Y={},W=0.2,H=0.2," \
       "Unit=normalized}},Name=Anna,Type=Face}}]}}"


def made(world, name, *words, image=None, **options):
    """A file by Pillow, to which exiftool adds what @words say."""
    world.save(name, image or scene(), **options)
    if words:
        world.tool("exiftool", "-q", "-overwrite_original", *words, world.path(name))
    return name


def read(path):
    with open(path, "rb") as file:
        return file.read()


def remark(world, chain, name):
    world.result(chain, name)
    return world.said[chain, name]


def equal(world, chain, name, tags):
    before, after = world.tags(world.path(name)), world.tags(world.result(chain, name))
    lost = [(tag, before.get(tag), after.get(tag)) for tag in tags if after.get(tag) != before[tag]]
    assert not lost, f"{chain} of {name}: {lost}"
    return after


@claim("said: a turned JPEG is upright in every other format, and says so in EXIF and XMP")
def upright(world):
    names = [world.sample("jpg-exif6-xmp6.jpg"),
             made(world, "turned-a.jpg", "-n", "-Orientation=6", "-XMP-tiff:Orientation=6", "-XMP-tiff:ImageWidth=96"),
             made(world, "turned-b.jpg", "-n", "-Orientation=8", "-XMP-tiff:Orientation=8", "-ExifByteOrder=II")]
    for name in names:
        wide = Image.open(world.path(name)).size
        for chain in ("webp", "tiff", "png", "avif", "orient"):
            result = world.result(chain, name)
            tags = world.tags(result)
            assert tags.get("Orientation", "Horizontal (normal)") == "Horizontal (normal)", f"{chain}: {tags}"
            assert tags["ImageSize"] == f"{wide[1]}x{wide[0]}", f"{chain} of {name}: {tags['ImageSize']}"
            if "ExifImageWidth" in tags:
                assert tags["ExifImageWidth"] == str(wide[1]), f"{chain} of {name}: {tags['ExifImageWidth']}"


@claim("said: a PNG has one eXIf chunk, before its pixels, and pngcheck finds no fault")
def one_exif(world):
    for name in (world.sample("jpg-many-tags.jpg"), made(world, "one-a.jpg", "-Artist=Anna"),
                 made(world, "one-b.tif", "-Model=B")):
        result = world.result("png", name)
        data = read(result)
        assert data.count(b"eXIf") == 1 and data.index(b"eXIf") < data.index(b"IDAT"), name
        world.tool("pngcheck", "-q", result)


@claim("said: maker notes read the same, in every format that has EXIF")
def maker_notes(world):
    name = world.sample("jpg-makernote-gap.jpg")
    wanted = ("CanonImageType", "CanonFirmwareVersion", "OwnerName", "LensModel")
    for chain in ("copy", "rotate-90", "png", "webp", "tiff", "avif", "tiff_rotate-90"):
        equal(world, chain, name, wanted)
    block = world.tool("exiv2", "-pt", "-g", "Canon", world.path(name))
    assert block == world.tool("exiv2", "-pt", "-g", "Canon", world.result("rotate-90", name))
    world.put("notes.tif", read(world.result("tiff", name)))  # and back
    assert equal(world, "jpeg", "notes.tif", wanted)


@claim("said: EXIF tags that nobody knows, or that stand elsewhere, stay where they are")
def unknown_tags(world):
    names = (world.sample("jpg-many-tags.jpg"), made(world, "phone.jpg", "-HostComputer=iPhone", "-Artist=Anna"),
             made(world, "named.jpg", "-XPTitle=Ein Titel", "-OwnerName=Anna", "-ExifByteOrder=MM"))
    for name in names:
        before = {tag: text for tag, text in world.tags(world.path(name)).items()}
        kept = [tag for tag in ("HostComputer", "Artist", "XPTitle", "OwnerName", "Make", "Model", "TileWidth")
                if tag in before]
        assert kept
        for chain in ("copy", "png", "webp", "tiff"):
            equal(world, chain, name, [tag for tag in kept if tag != "TileWidth"])


@claim("said: no uncropped thumbnail is left, in EXIF, Photoshop's block or XMP")
def thumbnails(world):
    small = world.path(world.save("small.jpg", scene().resize((24, 16))))
    names = (world.sample("jpg-irb-xmp-thumbnails.jpg"), made(world, "thumb-a.jpg", f"-ThumbnailImage<={small}"),
             made(world, "thumb-b.jpg", f"-PhotoshopThumbnail<={small}", "-IPTC:City=Wien"))
    for name in names:
        for chain in ("crop-20x20", "png", "tiff", "webp"):
            tags = world.tags(world.result(chain, name))
            left = [tag for tag in tags if "humbnail" in tag]
            assert not left, f"{chain} of {name}: {left}"
            data = read(world.result(chain, name))
            assert data.count(b"\xFF\xD8\xFF") <= (1 if chain == "crop-20x20" else 0), f"{chain} of {name}"


@claim("said: X and Y resolution change places with width and height, and none is invented")
def resolution(world):
    names = [world.sample("jpg-dpi-204x98.jpg"), world.sample("tif-fax-g4-204x98.tif"),
             made(world, "dense.png", dpi=(200, 100))]
    for name in names:
        x, y = Image.open(world.path(name)).info["dpi"]
        result = world.open("rotate-90", name).info["dpi"]
        assert abs(float(result[0]) - float(y)) < 1 and abs(float(result[1]) - float(x)) < 1, f"{name}: {result}"
    for name in (made(world, "none.png"), made(world, "none.jpg"), made(world, "none.tif")):
        for chain in ("copy", "png", "tiff", "strip", "strip_webp"):
            tags = world.tags(world.result(chain, name))
            tiff = tags["FileType"] == "TIFF"
            assert tiff or "ExifByteOrder" not in tags, f"{chain} of {name}: an EXIF block was made up"
            assert "PixelsPerUnitX" not in tags, f"{chain} of {name}"
            assert not tiff or "XResolution" not in tags, f"{chain} of {name}"


@claim("said: PNG's texts stay in PNG, become comments in JPEG and GIF, and are said to be lost elsewhere")
def texts(world):
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "Anna", zip=True)
    info.add_itxt("Title", "Ein B\u00e4r", "de", "Titel")
    names = (world.sample("png-text.png"), made(world, "text-a.png", pnginfo=info),
             made(world, "text-b.png", "-PNG:Author=Anna", "-PNG:Title=Two"))
    for name in names:
        equal(world, "invert", name, ("Author",))
        assert b"Author: " in read(world.result("jpeg", name)), name
        assert "texts left out" in remark(world, "webp", name), name
    turned = world.sample("png-raw-profile-exif.png")
    assert world.tags(world.result("jpeg", turned)).get("Make"), "the raw profile's EXIF"


@claim("said: XMP and Photoshop's block of several segments are joined, and split again")
def segments(world):
    name = world.sample("jpg-extended-xmp.jpg")
    for chain in ("copy", "png", "webp", "tiff"):
        equal(world, chain, name, ("Title", "Description"))
    equal(world, "copy", world.sample("jpg-app13-split.jpg"), ("Caption-Abstract", "Keywords", "CopyrightFlag"))
    long = "x" * 90000
    made(world, "long.png", f"-XMP-dc:Description={long}", "-XMP-dc:Title=Short")
    assert world.tags(world.result("jpeg", "long.png"))["Title"] == "Short"
    assert long in world.tool("exiftool", "-b", "-XMP-dc:Description", world.result("jpeg", "long.png"))
    assert long in world.tool("exiftool", "-b", "-XMP-dc:Description", world.result("jpeg_webp", "long.png"))


@claim("said: IPTC and paths go to TIFF and back; WebP, which has no place for them, says so")
def photoshop(world):
    for name in (world.sample("jpg-irb-path.jpg"), made(world, "iptc.jpg", "-IPTC:Keywords=boat", "-IPTC:City=Wien")):
        for chain in ("copy", "tiff", "png"):
            equal(world, chain, name, ("Keywords",))
        world.put(f"{name}.tif", read(world.result("tiff", name)))
        assert equal(world, "jpeg", f"{name}.tif", ("Keywords",))
        assert "Photoshop's block left out of the webp" in remark(world, "webp", name)


def face_of(world, chain, name):
    tags = world.tags(world.result(chain, name))
    return [float(tags[f"RegionArea{side}"]) for side in "XYWH"] if "RegionAreaX" in tags else None


@claim("said: faces move with the pixels, and go when they are cut away")
def faces(world):
    made(world, "face-a.jpg", FACE.format(0.16, 0.19))
    made(world, "face-b.jpg", FACE.format(0.8, 0.7), "-n", "-SubjectArea=77 45 19 13")
    world.sample("jpg-face-regions.jpg")
    for name in ("face-a.jpg", "face-b.jpg", "jpg-face-regions.jpg"):
        x, y, wide, high = face_of(world, "copy", name)
        turned = face_of(world, "rotate-90", name)
        wanted = (1 - y, x, high, wide)
        assert all(abs(a - b) < 0.01 for a, b in zip(turned, wanted)), f"{name}: {turned}, not {wanted}"
        tags = world.tags(world.result("rotate-90", name))
        assert tags["RegionAppliedToDimensionsW"] == "64", tags
        mirrored = face_of(world, "mirror_resize-50pct", name)
        assert abs(mirrored[0] - (1 - x)) < 0.01, mirrored
    assert face_of(world, "crop-20x20-0-40", "face-a.jpg") is None
    moved = face_of(world, "crop-48x32-48-32", "face-b.jpg")
    assert abs(moved[0] - 0.6) < 0.02 and abs(moved[2] - 0.4) < 0.02, moved
    assert "SubjectArea" not in world.tags(world.result("crop-20x20-0-0", "face-b.jpg"))


@claim("said: colour space tags are those of the result")
def colour_tags(world):
    for name in (world.sample("jpg-p3-uncalibrated.jpg"),):
        assert world.tags(world.path(name))["ColorSpace"] == "Uncalibrated"
        assert world.tags(world.result("srgb", name))["ColorSpace"] == "sRGB"
        assert world.tags(world.result("copy", name))["ColorSpace"] == "Uncalibrated"


@claim("said: comments, unknown segments, chunks and page tags are passed on; a trailer is left out with a remark")
def passed_on(world):
    equal(world, "copy", world.sample("jpg-comment.jpg"), ("Comment",))
    assert "comments left out" in remark(world, "webp", "jpg-comment.jpg")
    data = read(world.path(world.save("plain.jpg", scene())))
    own = b"\xFF\xEB\x00\x0CMy data\x01\x02\x03"
    world.put("own.jpg", data[:2] + own + data[2:])
    assert own in read(world.result("rotate-90", "own.jpg"))
    assert "'My" in remark(world, "png", "own.jpg")
    world.put("tail.jpg", data + b"and more of something")
    assert "21 bytes behind the picture are left out" in remark(world, "copy", "tail.jpg")
    name = world.sample("tif-geo.tif")
    equal(world, "invert", name, [tag for tag in ("PixelScale", "ModelTiePoint", "DocumentName", "GTModelType")
                                  if tag in world.tags(world.path(name))])


@claim("said: a film is left out with a remark, and its promises with it")
def film(world):
    data = read(world.path(world.save("still.jpg", scene())))
    world.put("moving.jpg", data)
    world.tool("exiftool", "-q", "-overwrite_original", "-XMP-GCamera:MotionPhoto=1", "-XMP-GCamera:MicroVideoOffset=32",
               world.path("moving.jpg"))
    world.put("moving.jpg", read(world.path("moving.jpg")) + struct.pack(">I", 32) + b"ftypmp42" + bytes(20))
    result = world.result("resize-48", "moving.jpg")
    assert "the film is left out" in world.said["resize-48", "moving.jpg"]
    assert b"MotionPhoto" not in read(result) and b"MicroVideo" not in read(result)
    assert b"ftypmp42" not in read(result)


@claim("said: a result bears the time of its original's file where output.time is \"source\"")
def time_of_source(world):
    path = world.path(made(world, "old.jpg"))
    os.utime(path, (1_000_000_000, 1_000_000_000))
    conf = world.path(world.put("time.conf", b'output: { time = "source"; };'))
    for config, old in ((conf, True), ("/dev/null", False)):
        out = f"{world.folder}/out/time-{old}"
        world.tool(world.dropmill, "--config", config, "process", "--with", "resize-48", "-o", out, path)
        assert (os.path.getmtime(f"{out}/old.jpg") == 1_000_000_000) == old, config
