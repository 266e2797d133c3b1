# SPDX-License-Identifier: MIT
"""Pictures that are neither 8-bit RGB nor gray: CMYK, Lab, 16 bits, floats."""
import io
import struct

import colour
import cv2
import numpy as np
from PIL import Image, ImageCms
from world import alike, claim, scene

SRGB = ImageCms.createProfile("sRGB")


def ink_curve(power):
    v = np.linspace(0, 1, 256) ** power
    return (v * 65535).round().astype(">u2").tobytes()


def cmyk_profile():
    """A press with inks of its own, nothing like libvips' built-in one; as many profiles of devices, it has a
    table from inks to Lab for one intent only."""
    grid = 5
    c, m, y, k = np.meshgrid(*[np.linspace(0, 1, grid)] * 4, indexing="ij")
    red, green, blue = (np.clip((1 - 0.85 * ink) * (1 - 0.9 * k), 0, 1) for ink in (c, m, y))
    lightness = 100 * (0.25 * red + 0.6 * green + 0.15 * blue) ** 0.8
    a, b = 70 * (red - green), 60 * (green - blue)
    lab = np.stack([lightness / 100 * 65280, (a + 128) * 256, (b + 128) * 256], -1)
    table = lab.clip(0, 65535).round().astype(">u2").tobytes()
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    a2b = b"mft2\0\0\0\0" + struct.pack(">4B", 4, 3, grid, 0) + matrix + struct.pack(">HH", 256, 2)
    a2b += ink_curve(1.2) * 4 + table + struct.pack(">2H", 0, 65535) * 3
    # The way back, which nobody goes, but readers want it to be there.
    back = np.zeros((2, 2, 2, 4), ">u2").tobytes()
    b2a = b"mft2\0\0\0\0" + struct.pack(">4B", 3, 4, 2, 0) + matrix + struct.pack(">HH", 2, 2)
    b2a += struct.pack(">2H", 0, 65535) * 3 + back + struct.pack(">2H", 0, 65535) * 4
    return colour.profile(b"CMYK", [(b"desc", colour.text(b"desc", b"test press")),
                                    (b"cprt", colour.text(b"text", b"none")), (b"wtpt", colour.xyz(colour.D50)),
                                    (b"A2B0", a2b), (b"B2A0", b2a)], kind=b"prtr", pcs=b"Lab ")


PRESS = cmyk_profile()


def inks():
    """Smooth amounts of four inks."""
    y, x = np.mgrid[0:64, 0:96]
    planes = [200 * x / 96, 180 * y / 64, 120 + 100 * np.cos(x / 15), 60 + 50 * np.sin(y / 9)]
    return Image.fromarray(np.dstack(planes).clip(0, 255).astype(np.uint8), "CMYK")


def by_lcms(image, profile):
    """What little-cms, called by Pillow, makes of it in sRGB."""
    return ImageCms.profileToProfile(image, io.BytesIO(profile), SRGB, outputMode="RGB",
                                     renderingIntent=ImageCms.Intent.PERCEPTUAL, flags=0x2000)  # black point


@claim("kinds: CMYK is converted by its own profile, in JPEG and TIFF")
def cmyk(world):
    for extension, options in (("jpg", {"quality": 98, "subsampling": 0}), ("tif", {})):
        source = world.save(f"press.{extension}", inks(), icc_profile=PRESS, **options)
        wanted = by_lcms(Image.open(world.path(source)), PRESS)
        for chain in ("png", "mirror_mirror_png"):
            result = world.open(chain, source)
            assert result.mode == "RGB", result.mode
            result.info.pop("icc_profile", None)
            colour.look_alike(wanted, result, 1.0, 3.0)
            assert "CMYK" in world.said[chain, source], world.said[chain, source]


@claim("kinds: CMYK without a profile is converted to colours that one would expect")
def cmyk_bare(world):
    for extension, options in (("jpg", {"quality": 98, "subsampling": 0}), ("tif", {})):
        patches = {(0, 0, 0, 0): (255, 255, 255), (0, 255, 255, 0): (230, 30, 40), (255, 0, 255, 0): (0, 150, 70),
                   (0, 0, 0, 255): (35, 30, 30), (255, 0, 0, 0): (0, 160, 225)}
        for number, (ink, wanted) in enumerate(patches.items()):
            source = world.save(f"bare-{number}.{extension}", Image.new("CMYK", (16, 16), ink), **options)
            found = world.open("png", source).convert("RGB").getpixel((8, 8))
            assert max(abs(a - b) for a, b in zip(found, wanted)) < 60, f"{ink}: {found}, expected about {wanted}"


@claim("kinds: a YCCK JPEG, as Photoshop writes it, looks as libjpeg and lcms say")
def ycck(world):
    source = world.save("ycck.jpg", inks(), quality=98, icc_profile=PRESS)
    with open(world.path(source), "rb") as file:
        data = file.read()
    at = data.find(b"Adobe")
    assert at > 0 and data[at + 11] in (0, 2)
    marked = world.put("ycck2.jpg", data[:at + 11] + b"\2" + data[at + 12:])
    wanted = by_lcms(Image.open(world.path(marked)), PRESS)
    result = world.open("png", marked)
    result.info.pop("icc_profile", None)
    colour.look_alike(wanted, result, 1.0, 3.0)


@claim("kinds: Lab TIFF is converted to sRGB")
def lab(world):
    to_lab = ImageCms.buildTransform(SRGB, ImageCms.createProfile("LAB"), "RGB", "LAB")
    image = ImageCms.applyTransform(colour.muted(scene()), to_lab)
    source = world.save("lab.tif", image)
    result = world.open("png", source)
    result.info.pop("icc_profile", None)
    colour.look_alike(colour.muted(scene()), result, 1.0, 4.0)
    assert "sRGB" in world.said["png", source]


def deep_scene():
    """16 bits, whose lower 8 are no copy of the upper."""
    high = np.asarray(scene()).astype(np.uint16)
    low = np.random.default_rng(4).integers(0, 256, high.shape, dtype=np.uint16)
    return high * 256 + low


def save_deep(world, name, samples):
    """By OpenCV, as Pillow knows no 16-bit RGB."""
    assert cv2.imwrite(world.path(name), samples[:, :, ::-1] if samples.ndim == 3 else samples)
    return name


def read_deep(path):
    samples = cv2.imread(path, cv2.IMREAD_UNCHANGED)
    assert samples.dtype == np.uint16, samples.dtype
    return samples[:, :, ::-1] if samples.ndim == 3 else samples


@claim("kinds: 16-bit TIFF and PNG, gray and RGB, keep every bit, and go to each other so")
def deep(world):
    for samples, what in ((deep_scene(), "rgb"), (deep_scene()[:, :, 1], "gray")):
        for extension in ("tif", "png"):
            source = save_deep(world, f"deep-{what}.{extension}", samples)
            for chain in ("copy", "rotate-90_rotate-270", "png", "tiff", "invert_invert"):
                found = read_deep(world.result(chain, source))
                assert np.array_equal(found, samples), f"{chain} of {source}"


GROUPS = ("brighten", "gamma-2", "equalize", "blur-2", "median-3", "sharpen", "open-3", "edges", "resize-50",
          "rotate-30", "crop-40x40", "pad-5", "sepia", "saturate", "gray", "threshold", "vignette", "trim-0")


@claim("kinds: a 16-bit gray picture goes through every group of steps")
def deep_gray(world):
    source = save_deep(world, "groups.png", deep_scene()[:, :, 1])
    plain = world.save("groups8.png", Image.fromarray((deep_scene()[:, :, 1] >> 8).astype(np.uint8)))
    for chain in GROUPS:
        levels = 8 if chain == "equalize" else 3  # more bits, more even
        wanted = world.open(chain, plain).convert("RGB")
        found = cv2.imread(world.result(chain, source), cv2.IMREAD_COLOR)[:, :, ::-1] # 16 bits are reduced
        alike(Image.fromarray(np.ascontiguousarray(found)), wanted, levels, chain)


@claim("kinds: float TIFF counts from 0 to 1, and the result says that it has 16 bits")
def floats(world):
    ramp = np.tile(np.linspace(0, 1, 96, dtype=np.float32), (64, 1))
    source = world.save("floats.tif", Image.fromarray(ramp, "F"))
    found = read_deep(world.result("png", source)).astype(float) / 65535
    assert np.abs(found - ramp).max() < 1e-3, np.abs(found - ramp).max()
    assert "16 bits" in world.said["png", source], world.said["png", source]
