# SPDX-License-Identifier: MIT
"""Files with a hole in them: no half picture passes for a whole one."""
import io
import random

import numpy as np
from PIL import Image, ImageFile
from world import claim, scene

HARMLESS_PERCENT = 0.5  # of the pixels, seen to differ
SEEN_LEVELS = 24


def photo():
    """Enough detail that each kilobyte counts."""
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 25, (60, 80, 3)).repeat(4, 0).repeat(4, 1)
    return Image.fromarray((np.asarray(scene(320, 240)) + noise).clip(0, 255).astype(np.uint8))


SOURCES = {
    "baseline": {}, "progressive": {"progressive": True}, "restart": {"restart_marker_rows": 1},
    "cmyk": {"mode": "CMYK"}, "gray": {"mode": "L"},
}


def encoded(kind):
    options = dict(SOURCES[kind])
    memory = io.BytesIO()
    photo().convert(options.pop("mode", "RGB")).save(memory, "JPEG", quality=90, **options)
    return memory.getvalue()


def zeros(data, at):  # a sector that was never written
    return data[:at] + bytes(512) + data[at + 512:]


def gap(data, at):  # bytes lost in transfer
    return data[:at] + data[at + 700:]


def other(data, at):  # a sector of another file
    return data[:at] + random.Random(at).randbytes(512) + data[at + 512:]


def spoilt(kind):
    """Each kind of damage at several places of the entropy-coded data."""
    whole = encoded(kind)
    start = whole.find(b"\xff\xda") + 40
    for damage in (zeros, gap, other):
        for tenth in range(1, 9, 2):
            at = start + (len(whole) - start - 1500) * tenth // 10
            yield f"{kind}-{damage.__name__}-{tenth}.jpg", damage(whole, at)


def percent_lost(kind, path):
    """What of the picture is lost, by libjpeg through Pillow, which decodes whatever it can."""
    whole = np.asarray(Image.open(io.BytesIO(encoded(kind))).convert("RGB")).astype(int)
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        found = np.asarray(Image.open(path).convert("RGB")).astype(int)
    except (OSError, SyntaxError):
        return 100.0
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    return float((np.abs(whole - found).max(2) > SEEN_LEVELS).mean() * 100)


@claim("damaged: a JPEG with a hole in its pixels fails, of whatever kind it is")
def holes(world):
    passed = []
    for kind in SOURCES:
        names = [world.put(name, data) for name, data in spoilt(kind)]
        done = world.batch("copy", names)
        passed += [(name, round(lost, 1)) for name in done
                   if (lost := percent_lost(kind, world.path(name))) > HARMLESS_PERCENT]
        assert len(done) < len(names) / 3, f"{kind}: done: {done}"
    assert not passed, f"done, though so many percent of the pixels are lost: {passed}"


@claim("damaged: what a camera pads a JPEG with harms nothing")
def padded(world):
    whole = encoded("baseline")
    cases = {"zeros.jpg": whole[:-2] + bytes(300) + whole[-2:], "fill.jpg": whole[:-2] + b"\xff" * 9 + whole[-2:],
             "behind.jpg": whole + bytes(5000), "before.jpg": whole[:20] + b"\0\0\0" + whole[20:]}
    done = world.batch("copy", [world.put(name, data) for name, data in cases.items()])
    assert sorted(done) == sorted(cases), f"of {sorted(cases)} only {done}"


@claim("damaged: a PNG, a GIF, and mostly a TIFF with a hole fails")
def others(world):
    # Not told by anybody: lossy WebP has no checks at all, and libtiff stops before deflate's checksum, so that
    # zeros that happen to be codes pass.
    names = []
    for extension, options in (("png", {}), ("tif", {"compression": "tiff_adobe_deflate"}), ("gif", {})):
        world.save(f"whole.{extension}", photo(), **options)
        with open(world.path(f"whole.{extension}"), "rb") as file:
            whole = file.read()
        half = len(whole) // 2
        one_bit = whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1:]
        spoils = {"other": other(whole, half)}
        if extension != "tif":
            spoils["zeros"] = zeros(whole, half)
        if extension == "png":  # the only one with checksums
            spoils["bit"] = one_bit
        names += [world.put(f"{extension}-{what}.{extension}", data) for what, data in spoils.items()]
    done = world.batch("copy", names)
    assert not done, done


def jpegs(world):
    """The same picture by cjpeg, baseline, progressive, and with restart markers."""
    photo().save(world.path("photo.ppm"))
    for name, options in (("base", ()), ("prog", ("-progressive",)), ("rest", ("-restart", "1"))):
        world.tool("cjpeg", "-quality", "90", *options, "-outfile", world.path(f"cjpeg-{name}.jpg"), world.path("photo.ppm"))
        with open(world.path(f"cjpeg-{name}.jpg"), "rb") as file:
            yield name, file.read()
    yield "pillow", encoded("baseline")


@claim("damaged: a JPEG without its end marker is whole when all rows are there and something else follows; half a copy is not")
def no_end(world):
    samsung = b"\0\0\1\x0a\x0e\0\0\0Image_UTC_Data1400000000000SEFHe\0\0\0\1\0\0\0\0\0\0\0SEFT"
    other = b"Trailer\xff\xd8\xff\xe1\0\x10Exif\0\0" + bytes(range(250))
    whole, half = [world.sample("jpg-samsung-trailer-noeoi.jpg")], []
    for name, data in jpegs(world):
        assert data[-2:] == b"\xff\xd9"
        whole += [world.put(f"{name}-samsung.jpg", data[:-2] + samsung), world.put(f"{name}-text.jpg", data[:-2] + b"MotionPhoto " * 40)]
        if name in ("base", "pillow"):
            whole.append(world.put(f"{name}-jpeg.jpg", data[:-2] + other))
        for part in (0.3, 0.6, 0.9):
            at = int(len(data) * part)
            half += [world.put(f"{name}-{part}.jpg", data[:at]), world.put(f"{name}-{part}-zeros.jpg", data[:at] + bytes(len(data) - at))]
    for chain in ("copy_jpeg-95", "crop-9x9-0-0"):
        done = world.batch(chain, [*whole, *half])
        assert sorted(done) == sorted(whole), f"{chain}: done {sorted(set(done) - set(whole))}, not done {sorted(set(whole) - set(done))}"
    for name in whole:
        world.result("png", name)
        assert "end marker" in world.said["png", name], world.said["png", name]
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        shown = np.asarray(Image.open(world.path(name)).convert("RGB")).astype(int)
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        assert np.abs(shown - np.asarray(world.open("png", name))).mean() < 1, name


@claim("damaged: bytes that an encoder leaves before each restart marker lose no pixel, and the result says so")
def junk(world):
    data = dict(jpegs(world))["rest"]
    start = data.find(b"\xff\xda")
    plain = np.asarray(Image.open(io.BytesIO(data)))
    for count in (1, 3, 8, 40):
        parts = [data[:start]]
        at = start
        for i in range(start + 2, len(data) - 1):
            if data[i] == 0xff and 0xd0 <= data[i + 1] <= 0xd7:
                parts += [data[at:i], bytes(range(1, count + 1))]
                at = i
        name = world.put(f"junk-{count}.jpg", b"".join([*parts, data[at:]]))
        assert np.array_equal(np.asarray(world.open("png", name)), plain), name
        assert count == 1 or "restart markers" in world.said["png", name], world.said["png", name]
