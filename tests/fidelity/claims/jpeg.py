# SPDX-License-Identifier: MIT
"""JPEG stays the JPEG that it was."""
import io

from PIL import Image, JpegImagePlugin
from world import alike, claim, scene

SAMPLINGS = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}


def tables(quality):
    """libjpeg's quantisation tables of a quality."""
    memory = io.BytesIO()
    scene().save(memory, "JPEG", quality=quality)
    return Image.open(memory).quantization


@claim("jpeg: the source's chroma sampling is kept")
def sampling(world):
    for name, number in SAMPLINGS.items():
        source = world.save(f"s{number}.jpg", scene(), quality=90, subsampling=number)
        found = JpegImagePlugin.get_sampling(world.open("sharpen", source))
        assert found == number, f"{name} became {found}"
    gray = world.open("blur-1", world.save("g.jpg", scene().convert("L")))
    assert gray.mode == "L"


@claim("jpeg: 4:4:0 is kept")
def upright_sampling(world):
    source = world.save("h.jpg", scene(), quality=90, subsampling=1)
    turned = world.path("440.jpg")
    world.tool("jpegtran", "-rotate", "90", "-copy", "none", "-outfile", turned, world.path(source))
    result = world.open("copy", "440.jpg")
    assert [layer[1:3] for layer in result.layer][0] == (1, 2), result.layer


@claim("jpeg: progressive stays progressive, baseline stays baseline")
def progressive(world):
    for flag in (False, True):
        source = world.save(f"progressive-{flag}.jpg", scene(), progressive=flag)
        assert ("progressive" in world.open("gray", source).info) == flag


@claim("jpeg: quality is 85 unless a step says otherwise")
def quality(world):
    source = world.save("q70.jpg", scene(), quality=70)
    assert world.open("copy", source).quantization == tables(85)
    assert world.open("jpeg-92", source).quantization == tables(92)


@claim("jpeg: 'jpeg-same' finds the source's quality")
def same_quality(world):
    for number in (35, 60, 73, 85, 91, 98):
        source = world.save(f"q{number}.jpg", scene(), quality=number)
        assert world.open("jpeg-same", source).quantization == tables(number), f"quality {number}"


@claim("jpeg: odd sizes and restart markers")
def odd(world):
    for size in ((1, 1), (7, 3), (17, 33), (95, 61)):
        image = scene().resize(size)
        source = world.save(f"odd-{size[0]}.jpg", image, quality=95, subsampling=2)
        again = world.path(world.save("again.jpg", Image.open(world.path(source)), quality=95, subsampling=2))
        alike(world.open("jpeg-95", source), Image.open(again), 1)
    source = world.save("restart.jpg", scene(), restart_marker_blocks=2, quality=95)
    alike(world.open("jpeg-95", source), scene())
