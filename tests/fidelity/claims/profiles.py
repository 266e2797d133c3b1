# SPDX-License-Identifier: MIT
"""Colour profiles: kept, and colours look as they did."""
import colour
import numpy as np
from PIL import Image
from world import claim, scene

PROFILES = {"p3": colour.DISPLAY_P3, "adobe": colour.ADOBE}


def profiled(world, name, extension="jpg", image=None):
    options = {"jpg": {"quality": 98, "subsampling": 0}, "webp": {"lossless": True}}.get(extension, {})
    return world.save(f"{name}.{extension}", image or scene(), icc_profile=PROFILES[name], **options)


@claim("profiles: a P3 and an Adobe RGB photo look the same after being encoded anew, in every format")
def formats(world):
    for name in PROFILES:
        source = profiled(world, name, image=scene(marked=False))
        for chain in ("copy_jpeg-95", "png", "webp-95", "tiff"):
            result = world.open(chain, source)
            assert result.info.get("icc_profile") == PROFILES[name], f"{chain} changed the profile"
            colour.look_alike(Image.open(world.path(source)), result)


@claim("profiles: an AVIF keeps its profile")
def avif(world):
    for name in PROFILES:
        path = world.result("avif-95", profiled(world, name))
        assert "test" in world.tags(path).get("ProfileDescription", ""), "exiftool finds no profile"


@claim("profiles: pixel operations work in the photo's own space and keep its profile")
def operations(world):
    for name in PROFILES:
        source = profiled(world, name, "png")
        shown = Image.open(world.path(source))
        for chain, wanted in (("median-3", shown), ("blur-0.5", shown),
                              ("rotate-90", shown.transpose(Image.Transpose.ROTATE_270)),
                              ("resize-48", shown.resize((48, 32), Image.Resampling.LANCZOS))):
            result = world.open(chain, source)
            assert result.info.get("icc_profile") == PROFILES[name], f"{chain} lost the profile"
            wanted.info["icc_profile"] = PROFILES[name]
            colour.look_alike(wanted, result, 1.0, 8.0)


@claim("profiles: 'srgb' changes the numbers and not the look")
def to_srgb(world):
    for name in PROFILES:
        source = profiled(world, name, "png", colour.muted(scene()))
        shown, result = Image.open(world.path(source)), world.open("srgb", source)
        assert np.abs(np.asarray(shown).astype(int) - np.asarray(result)).max() > 8, "no sample changed"
        described = world.tags(world.result("srgb", source)).get("ProfileDescription", "sRGB")
        assert "sRGB" in described, described
        result.info.pop("icc_profile", None)
        colour.look_alike(shown, result, 1.0, 4.0) # Lab of 8 bits


@claim("profiles: a gray result carries no profile for colours, a gray photo keeps its own")
def gray(world):
    result = world.open("gray", profiled(world, "p3"))
    assert "icc_profile" not in result.info
    name = world.save("gray.jpg", scene().convert("L"), icc_profile=colour.GRAY, quality=95)
    assert world.open("blur-1", name).info.get("icc_profile") == colour.GRAY
    tinted = world.open("sepia", name)
    assert tinted.mode == "RGB" and tinted.info.get("icc_profile") != colour.GRAY
