# SPDX-License-Identifier: MIT
"""Numbers never lose their meaning: colours seen through lcms before and after, whatever says what they are."""
import io
import os
import struct
import zlib

import colour
import numpy as np
from PIL import Image, ImageCms
from world import claim, scene

SRGB = ImageCms.createProfile("sRGB")
PROPHOTO = colour.rgb_profile(b"test ProPhoto", ((0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03134, 0.00009, 0.82490)),
                              colour.gamma_curve(1.8))
DOT_GAIN = colour.profile(b"GRAY", [(b"desc", colour.text(b"desc", b"test 18")), (b"cprt", colour.text(b"text", b"none")),
                                    (b"wtpt", colour.xyz(colour.D50)), (b"kTRC", colour.gamma_curve(1.75))])


def as_rgb(image, own=None):
    """In sRGB, through lcms, by its own profile."""
    own = own or image.info.get("icc_profile")
    if image.mode in ("P", "PA"):
        image = image.convert("RGB")
    if own is None:
        return image.convert("RGB")
    assert (own[16:20] == b"GRAY") == (image.mode == "L"), f"a profile for {own[16:20]} in {image.mode}"
    return ImageCms.profileToProfile(image, io.BytesIO(own), SRGB, outputMode="RGB",
                                     renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC, flags=0x2000)


def look_alike(before, after, what, mean=1.0):
    plain = [image.copy() for image in (before, after)]
    for image in plain:
        image.info.pop("icc_profile", None)
    found = float(colour.ciede2000(colour.lab(plain[0]), colour.lab(plain[1])).mean())
    assert found < mean, f"{what}: CIEDE2000 {found:.2f} on average"


def shown(world, chain, source):
    """The result as Pillow opens it; an AVIF by way of avifdec, which keeps its profile."""
    path = world.result(chain, source)
    if path.endswith(".avif"):
        world.tool("avifdec", path, path + ".png")
        path += ".png"
    image = Image.open(path)
    image.load()
    return image


def gray(image):
    return image.convert("L").convert("RGB")


@claim("meaning: what cannot keep its profile is converted first: to gif, to gray and from gray, to webp and avif")
def cannot_stay(world):
    muted = colour.muted(colour.muted(scene(marked=False)))
    grays = scene(marked=False).convert("L")
    sources = [(world.sample("icc-palette-p3.png"), "gif", None), (world.sample("icc-prophoto-grays.png"), "gray", gray),
               (world.sample("icc-gray18.png"), "sepia-0", None), ("icc-gray18.png", "webp-95", None),
               ("icc-gray18.png", "avif-95", None)]
    for name, profile in (("p3", colour.DISPLAY_P3), ("adobe", colour.ADOBE), ("prophoto", PROPHOTO)):
        few = world.save(f"few-{name}.png", muted.quantize(200), icc_profile=profile)
        full = world.save(f"full-{name}.tif", muted, icc_profile=profile)
        sources += [(few, "gif", None), (full, "gray_png", gray), (full, "edges_png", False)]
        world.tool("convert", world.path(full), world.path(f"magick-{name}.jpg"))
        sources += [(f"magick-{name}.jpg", "gray_png", gray)]
    for name, profile in (("g22", colour.GRAY), ("g18", DOT_GAIN)):
        for extension in ("png", "jpg", "tif"):
            source = world.save(f"{name}.{extension}", grays, icc_profile=profile)
            sources += [(source, chain, None) for chain in ("webp-lossless", "avif-95", "sepia-0_png", "gif")]
    for source, chain, change in sources:
        result = shown(world, chain, source)
        assert result.info.get("icc_profile") is None or result.mode != "L" or result.info["icc_profile"][16:20] == b"GRAY"
        if change is False:
            continue
        before = as_rgb(Image.open(world.path(source)))
        look_alike(change(before) if change else before, as_rgb(result), f"{chain} of {source}",
                   1.5 if source == "icc-palette-p3.png" else 1.0)  # sRGB has not all of its colours


@claim("meaning: a sepia tone of a gray photo is the one of what the photo shows")
def sepia(world):
    for source in (world.sample("icc-gray18.png"), world.save("g18.jpg", scene().convert("L"), icc_profile=DOT_GAIN, quality=98)):
        plain = world.save(source + ".srgb.png", as_rgb(Image.open(world.path(source))).convert("L"))
        look_alike(world.open("sepia_png", plain), as_rgb(world.open("sepia_png", source)), source)


@claim("meaning: a profile that does not fit the picture's channels, or is none, is ignored with a remark")
def does_not_fit(world):
    cmyk = b"CMYK".join([colour.DISPLAY_P3[:16], colour.DISPLAY_P3[20:]])
    sources = [world.sample("icc-rgb-with-gray-profile.jpg"),
               world.save("gray-in-rgb.tif", scene(), icc_profile=colour.GRAY),
               world.save("cmyk-in-rgb.png", scene(), icc_profile=cmyk),
               world.save("short.jpg", scene(), icc_profile=b"no profile at all", quality=95)]
    for source in sources:
        for chain in ("copy", "srgb", "gray", "png"):
            world.result(chain, source)
            assert "ignored" in world.said[chain, source], f"{chain} of {source}: {world.said[chain, source]}"
            assert "icc_profile" not in world.open(chain, source).info, f"{chain} of {source}"
    broken = colour.DISPLAY_P3[:128] + bytes(len(colour.DISPLAY_P3) - 128)
    for chain in ("srgb", "gray", "gif"):
        source = world.save("broken.jpg", scene(), icc_profile=broken, quality=95)
        world.result(chain, source)
        assert "ignored" in world.said[chain, source], f"{chain} of {source}: {world.said[chain, source]}"


@claim("meaning: of a profile for colours a gray picture has the curve")
def curve(world):
    for extension in ("jpg", "tif"):
        for name, profile, mono in (("prophoto", PROPHOTO, 1.8), ("adobe", colour.ADOBE, 2.2)):
            source = world.save(f"mono-{name}.{extension}", scene(marked=False).convert("L"), icc_profile=profile)
            before = as_rgb(Image.open(world.path(source)).convert("RGB"), profile)
            for chain in ("copy", "srgb_png", "webp-lossless"):
                look_alike(before, as_rgb(world.open(chain, source)), f"{chain} of {source}")


# ---- code points

def png(world, name, *chunks, image=None):
    """A PNG with @chunks (name, content) before its picture data."""
    memory = io.BytesIO()
    (image or scene(marked=False)).save(memory, "PNG")
    data = memory.getvalue()
    extra = b"".join(struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
                     for kind, content in chunks)
    return world.put("codes-" + name, data[:33] + extra + data[33:])


def chunks(path):
    with open(path, "rb") as file:
        data = file.read()
    at, found = 8, {}
    while at + 12 <= len(data):
        size = int.from_bytes(data[at:at + 4], "big")
        found[data[at + 4:at + 8]] = data[at + 8:at + 8 + size]
        at += 12 + size
    return found


ADOBE_CHROMA = struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)
SRGB_CHROMA = struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
ADOBE_GAMMA = struct.pack(">I", 45455)


def iccp(profile):
    return (b"iCCP", b"x\0\0" + zlib.compress(profile))


@claim("meaning: PNG's cICP, iCCP, sRGB, gAMA and cHRM count in this order, stay in PNG, and are a profile elsewhere")
def png_codes(world):
    half = struct.pack(">I", 55556)  # 1.8
    adobe = [(b"gAMA", struct.pack(">I", 45472)), (b"cHRM", ADOBE_CHROMA)]
    rec2020_srgb = (b"cICP", bytes([9, 13, 0, 1]))
    p3 = (b"cICP", bytes([12, 13, 0, 1]))
    gamma18 = colour.rgb_profile(b"g18", colour_of_srgb(), colour.gamma_curve(1.8))
    cases = {world.sample("png-gama-chrm-adobe.png"): colour.ADOBE, world.sample("png-cicp-p3.png"): colour.DISPLAY_P3,
             png(world, "adobe.png", *adobe): colour.ADOBE, png(world, "gamma.png", (b"gAMA", half)): gamma18,
             png(world, "p3.png", p3): colour.DISPLAY_P3, png(world, "2020.png", rec2020_srgb): REC2020,
             png(world, "p3-over-all.png", p3, iccp(PROPHOTO)): colour.DISPLAY_P3,
             png(world, "profile-over-gamma.png", (b"gAMA", half), iccp(PROPHOTO)): PROPHOTO,
             png(world, "srgb-over-gamma.png", (b"gAMA", half), (b"sRGB", b"\0")): None,
             png(world, "plain.png", (b"gAMA", ADOBE_GAMMA), (b"cHRM", SRGB_CHROMA)): None}
    world.tool("convert", world.path("codes-adobe.png"), world.path("codes-magick.png"))
    cases["codes-magick.png"] = colour.ADOBE
    for source, profile in cases.items():
        before = as_rgb(Image.open(world.path(source)), profile) if profile else Image.open(world.path(source)).convert("RGB")
        for chain in ("jpeg-98", "webp-lossless", "tiff", "srgb_png", "jpeg-98_gray"):
            result = world.open(chain, source)
            wanted = gray(before) if "gray" in chain else before
            assert profile is None or "icc_profile" in result.info or chain in ("srgb_png", "jpeg-98_gray"), f"{chain} of {source}"
            look_alike(wanted, as_rgb(result), f"{chain} of {source}", 1.5 if chain == "jpeg-98_gray" else 1.0)
        for chain in ("copy", "rotate-90"):
            old, new = chunks(world.path(source)), chunks(world.result(chain, source))
            for kind in (b"cICP", b"gAMA", b"cHRM", b"sRGB"):
                assert old.get(kind) == new.get(kind), f"{chain} of {source}: {kind} was {old.get(kind)}, is {new.get(kind)}"
            if b"iCCP" in old:
                assert b"iCCP" in new, f"{chain} of {source} lost its profile"
        converted = chunks(world.result("srgb_png", source))
        assert profile is None or not {b"cICP", b"gAMA", b"cHRM"} & set(converted), f"srgb of {source}: {set(converted)}"


def colour_of_srgb():
    return ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))


REC2020 = colour.rgb_profile(b"test 2020", ((0.67348, 0.27904, -0.00194), (0.16567, 0.67534, 0.02998), (0.12505, 0.04561, 0.79686)),
                             colour.srgb_curve())


def avif(world, name, codes, image=None, *options):
    source = world.save(name + ".png", image or scene(marked=False))
    world.tool("avifenc", "-y", "444", "--min", "0", "--max", "4", "--cicp", codes, *options, world.path(source),
               world.path(name))
    return name


@claim("meaning: AVIF by code points: P3 and BT.2020 look the same in every format, and stay what they are in AVIF")
def avif_codes(world):
    cases = {world.sample("avif-nclx-p3.avif"): colour.DISPLAY_P3, avif(world, "p3.avif", "12/13/6"): colour.DISPLAY_P3,
             avif(world, "2020.avif", "9/13/9"): REC2020, avif(world, "p3-709.avif", "12/13/1"): colour.DISPLAY_P3}
    for source, profile in cases.items():
        world.tool("avifdec", world.path(source), world.path(source + ".dec.png"))
        decoded = Image.open(world.path(source + ".dec.png")).convert("RGB")
        before = as_rgb(decoded, profile)
        for chain in ("png", "jpeg-98", "webp-lossless", "tiff", "srgb_png"):
            look_alike(before, as_rgb(world.open(chain, source)), f"{chain} of {source}")
        old, new = (world.tags(path) for path in (world.path(source), world.result("avif-95", source)))
        for tag in ("ColorPrimaries", "TransferCharacteristics"):
            assert old.get(tag) == new.get(tag), f"{source}: {tag} {old.get(tag)} became {new.get(tag)}"
        look_alike(decoded, shown(world, "avif-95", source).convert("RGB"), f"avif of {source}", 1.2)


def pq(light):
    """SMPTE ST 2084: from cd/m2 to what is stored."""
    y = (light / 10000.0) ** (2610 / 16384)
    return ((3424 / 4096 + 2413 / 128 * y) / (1 + 2392 / 128 * y)) ** (2523 / 32)


@claim("meaning: PQ and HLG are brought down to sRGB with a remark, and stay whole in AVIF and PNG")
def hdr(world):
    linear = np.tile(np.linspace(0, 100, 96), (64, 1))  # cd/m2, all of it darker than the shoulder
    wanted = linear / 203
    wanted = np.where(wanted <= 0.0031308, wanted * 12.92, 1.055 * wanted ** (1 / 2.4) - 0.055) * 255
    stored = (pq(linear) * 65535).round().astype(np.uint16)
    hlg = linear / 1000  # gamma 1.2 of what is shown, to what was seen
    seen = hlg ** (1 / 1.2)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    hlg = np.where(seen <= 1 / 12, np.sqrt(3 * seen), a * np.log(np.maximum(12 * seen - b, 1e-9)) + c)
    for name, samples, code in (("pq", stored, 16), ("hlg", (hlg * 65535).round().astype(np.uint16), 18)):
        import cv2
        assert cv2.imwrite(world.path(f"{name}-plain.png"), np.dstack([samples] * 3))
        world.tool("avifenc", "-d", "10", "-y", "444", "--min", "0", "--max", "0", "--cicp", f"9/{code}/9",
                   world.path(f"{name}-plain.png"), world.path(f"{name}.avif"))
        with open(world.path(f"{name}-plain.png"), "rb") as file:
            data = file.read()
        chunk = b"cICP" + bytes([9, code, 0, 1])
        world.put(f"{name}.png", data[:33] + struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[33:])
        for source in (f"{name}.avif", f"{name}.png"):
            for chain in ("jpeg-98", "webp-lossless", "srgb_png", "gif"):
                found = np.asarray(world.open(chain, source).convert("RGB")).astype(float).mean(2)
                assert np.abs(found - wanted).mean() < 2.5, f"{chain} of {source}: off by {np.abs(found - wanted).mean():.1f} levels"
                assert "HDR brought down" in world.said[chain, source], world.said[chain, source]
            for chain in ("png", "avif-95", "rotate-90"):
                tags = world.tags(world.result(chain, source))
                assert "2020" in tags["ColorPrimaries"] and ("PQ" if code == 16 else "HLG") in tags["TransferCharacteristics"], tags
                assert "HDR" not in world.said[chain, source], world.said[chain, source]


@claim("meaning: Adobe RGB that only EXIF tells of is what the numbers mean")
def adobe_by_exif(world):
    muted = colour.muted(scene(marked=False))
    for name, tags in (("dcf", ("-ColorSpace#=65535", "-InteropIndex#=R03")), ("plain", ("-ColorSpace#=2",))):
        source = world.save(f"exif-{name}.jpg", muted, quality=98, subsampling=0)
        world.tool("exiftool", "-overwrite_original", "-Make=test", *tags, world.path(source))
        before = as_rgb(Image.open(world.path(source)), colour.ADOBE)
        for chain in ("png", "srgb", "webp-lossless", "gray_png"):
            wanted = gray(before) if "gray" in chain else before
            look_alike(wanted, as_rgb(world.open(chain, source)), f"{chain} of {source}", 1.5)
        assert world.tags(world.result("srgb", source)).get("ColorSpace") == "sRGB", source
    source = world.sample("jpg-p3-uncalibrated.jpg")
    look_alike(as_rgb(Image.open(world.path(source))), as_rgb(world.open("srgb_png", source)), source, 1.5)
    assert world.tags(world.result("srgb", source)).get("ColorSpace") == "sRGB", world.tags(world.result("srgb", source))


@claim("meaning: an AVIF whose colours are multiplied by its alpha is divided")
def premultiplied(world):
    image = scene(marked=False).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size).point(lambda v: max(v, 40)))
    sources = [world.sample("avif-premul.avif")]
    for name, options in (("premultiplied.avif", ("--premultiply",)), ("straight.avif", ())):
        sources.append(avif(world, name, "1/13/6", image, *options))
    sources.append(avif(world, "premultiplied-p3.avif", "12/13/6", image, "--premultiply"))
    for source in sources:
        world.tool("avifdec", world.path(source), world.path(source + ".dec.png"))
        wanted = np.asarray(Image.open(world.path(source + ".dec.png")).convert("RGBA")).astype(int)
        found = np.asarray(world.open("png", source).convert("RGBA")).astype(int)
        seen = wanted[:, :, 3] > 30
        assert np.abs(wanted - found)[:, :, 3].max() <= 1
        apart = np.abs(wanted - found)[seen].mean()
        assert apart < 1.5, f"{source}: off by {apart:.1f} levels"
    assert os.path.getsize(world.path("premultiplied.avif")) > 0
