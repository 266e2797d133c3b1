# SPDX-License-Identifier: MIT
"""PNG stays the PNG that it was, where the operation allows."""
import numpy as np
from PIL import Image
from world import claim, scene


def same_samples(a, b):
    assert a.mode == b.mode, f"{a.mode} became {b.mode}"
    assert np.array_equal(np.asarray(a), np.asarray(b)), "samples changed"


@claim("png: a palette stays a palette, with its transparency")
def palette(world):
    image = scene().quantize(16)
    result = world.open("mirror", world.save("palette.png", image))
    assert result.mode == "P", result.mode
    same_samples(result.convert("RGB"), image.convert("RGB").transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    source = world.save("transparent.png", image, transparency=3)
    result = world.open("flip", source)
    assert result.mode == "P", result.mode
    wanted = Image.open(world.path(source)).convert("RGBA").transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    a, b = np.asarray(result.convert("RGBA")), np.asarray(wanted)
    assert np.array_equal(a[:, :, 3], b[:, :, 3]), "transparency changed"
    assert np.array_equal(a[a[:, :, 3] > 0], b[b[:, :, 3] > 0]), "visible colours changed"


@claim("png: one bit a pixel stays one bit")
def one_bit(world):
    image = scene().convert("1")
    same_samples(world.open("rotate-180", world.save("bits.png", image)),
                 image.transpose(Image.Transpose.ROTATE_180))


@claim("png: 16 bits stay 16 bits")
def deep(world):
    values = (np.arange(96 * 64, dtype=np.uint16) * 10).reshape(64, 96)
    source = world.save("deep.png", Image.fromarray(values))
    found = np.asarray(world.open("invert", source)).astype(int)
    assert np.array_equal(found, 65535 - values.astype(int)), "16-bit samples are not 65535 - v"


@claim("png: gray with alpha works and stays it")
def gray_alpha(world):
    alpha = Image.linear_gradient("L").resize((96, 64))
    image = scene().convert("L")
    image.putalpha(alpha)
    result = world.open("mirror", world.save("la.png", image))
    same_samples(result, image.transpose(Image.Transpose.FLIP_LEFT_RIGHT))


@claim("png: interlaced files are read")
def interlaced(world):
    source = world.path(world.save("plain.png", scene()))
    world.tool("vips", "copy", source, world.path("interlaced.png") + "[interlace]")
    same_samples(world.open("rotate-left", "interlaced.png").convert("RGB"),
                 scene().transpose(Image.Transpose.ROTATE_90))
