# SPDX-License-Identifier: MIT
"""Transparency: kept, weighed, and never turned into black in silence."""
import numpy as np
from PIL import Image, ImageDraw
from world import claim, scene


def disc(world, beyond):
    """A red disc; the transparent pixels around it have the colour @beyond."""
    image = Image.new("RGBA", (120, 120), (*beyond, 0))
    ImageDraw.Draw(image).ellipse((20, 20, 100, 100), fill=(200, 30, 20, 255))
    return world.save(f"disc-{beyond[0]}.png", image)


@claim("alpha: point operations leave it alone")
def points(world):
    image = scene()
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    source = world.save("ramp.png", image)
    for chain in ("invert", "brighten", "gamma-2", "contrast-30", "sepia", "saturate", "gray", "threshold-100"):
        found = np.asarray(world.open(chain, source).getchannel("A"))
        assert np.array_equal(found, np.asarray(image.getchannel("A"))), chain


@claim("alpha: resize, blur and rotate bring no fringe of what is invisible")
def fringe(world):
    for chain in ("resize-37", "blur-3", "rotate-30", "enlarge-200x", "box-9", "fit-50"):
        black, white = (np.asarray(world.open(chain, disc(world, beyond))).astype(int)
                        for beyond in ((0, 0, 0), (255, 255, 255)))
        assert np.array_equal(black[:, :, 3], white[:, :, 3]), f"{chain}: alpha depends on colour"
        seen = black[:, :, 3] > 16
        apart = np.abs(black[seen] - white[seen]).max()
        off = np.abs(black[seen][:, :3] - (200, 30, 20)).max()
        assert apart <= 2 and off <= 8, f"{chain}: {apart} apart, {off} from the disc's red"


@claim("alpha: to JPEG it is laid on white, and the result says so")
def flattened(world):
    source = disc(world, (0, 0, 0))
    result = world.open("jpeg", source)
    assert min(result.getpixel((2, 2))) > 250, result.getpixel((2, 2))
    assert "white" in world.said["jpeg", source], world.said["jpeg", source]
