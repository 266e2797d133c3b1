# SPDX-License-Identifier: MIT
"""Animations and files of several pages: every page, its time, and how often it all repeats."""
import re

import numpy as np
from PIL import Image, ImageDraw, ImageOps, ImageSequence
from world import alike, claim, scene

DELAYS_MS = [50, 120, 300, 70]
LOOPS = 3


def frames(transparent=False):
    """A disc that wanders over the scene, or over nothing."""
    pictures = []
    for i in range(len(DELAYS_MS)):
        image = Image.new("RGBA", (96, 64)) if transparent else scene().convert("RGBA")
        ImageDraw.Draw(image).ellipse((5 + 20 * i, 15, 35 + 20 * i, 45), fill=(250, 220 - 50 * i, 10, 255))
        pictures.append(image)
    return pictures


def animation(world, extension, transparent=False):
    first, *rest = frames(transparent)
    options = {"webp": {"lossless": True}, "gif": {"disposal": 2} if transparent else {}}[extension]
    return world.save(f"moving-{transparent}.{extension}", first, save_all=True, append_images=rest,
                      duration=DELAYS_MS, loop=LOOPS, **options)


def pages(path):
    """Each page as a viewer shows it."""
    return [page.convert("RGBA") for page in ImageSequence.Iterator(Image.open(path))]


def times(image):
    found = []
    for page in ImageSequence.Iterator(image):
        page.load()
        found.append(page.info.get("duration"))
    return found


def seen(image):
    """On a colour that nothing in it has, so that transparency counts."""
    return Image.alpha_composite(Image.new("RGBA", image.size, (0, 255, 255, 255)), image).convert("RGB")


CHAINS = {  # what each does to a frame
    "copy": lambda image: image,
    "mirror": ImageOps.mirror,
    "rotate-90": lambda image: image.transpose(Image.Transpose.ROTATE_270),
    "resize-48": lambda image: image.resize((48, 32), Image.Resampling.LANCZOS),
    "crop-40x30-10-10": lambda image: image.crop((10, 10, 50, 40)),
}


def check(world, extension, transparent):
    source = animation(world, extension, transparent)
    before = pages(world.path(source))
    for chain, change in CHAINS.items():
        path = world.result(chain, source)
        image = Image.open(path)
        after = pages(path)
        assert len(after) == len(before), f"{chain}: {len(after)} of {len(before)} frames"
        assert times(image) == DELAYS_MS, f"{chain}: {times(image)} ms"
        assert image.info.get("loop") == LOOPS, f"{chain}: {image.info.get('loop')} times"
        for i, (one, other) in enumerate(zip(before, after)):
            alike(seen(change(one)), seen(other), 7, f"{chain}, frame {i}")


@claim("pages: an animated GIF keeps every frame, its delays and its number of rounds")
def gif(world):
    check(world, "gif", False)


@claim("pages: an animated GIF that clears its frames away keeps its transparency")
def gif_transparent(world):
    check(world, "gif", True)


@claim("pages: an animated WebP keeps every frame, its delays and its number of rounds")
def webp(world):
    check(world, "webp", False)
    check(world, "webp", True)


@claim("pages: GIF to WebP and back keeps the animation")
def across(world):
    for extension, other in (("gif", "webp"), ("webp", "gif")):
        path = world.result(other, animation(world, extension))
        before, after = pages(world.path(animation(world, extension))), pages(path)
        assert times(Image.open(path)) == DELAYS_MS
        for one, another in zip(before, after, strict=True):
            alike(seen(one), seen(another), 7, other)


@claim("pages: a GIF that repeats for ever, or plays once, does so still")
def rounds(world):
    for loops in (0, None):
        options = {} if loops is None else {"loop": loops}
        first, *rest = frames()
        source = world.save(f"loops-{loops}.gif", first, save_all=True, append_images=rest, duration=100, **options)
        found = Image.open(world.result("gray", source)).info.get("loop")
        assert found == loops, f"loop {loops} became {found}"


def tiff(world, name, images):
    first, *rest = images
    return world.save(name, first, save_all=True, append_images=rest, compression="tiff_lzw")


@claim("pages: every page of a TIFF")
def tiff_pages(world):
    source = tiff(world, "pages.tif", [image.convert("RGB") for image in frames()])
    for chain, change in CHAINS.items():
        after = pages(world.result(chain, source))
        assert len(after) == len(DELAYS_MS), f"{chain}: {len(after)} pages"
        for i, (one, other) in enumerate(zip(frames(), after)):
            alike(change(one), other, 2, f"{chain}, page {i}")


@claim("pages: a TIFF of one-bit pages and one of 16 bits")
def tiff_kinds(world):
    bits = [image.convert("1") for image in frames()]
    for one, other in zip(bits, pages(world.result("mirror", tiff(world, "bits.tif", bits))), strict=True):
        alike(ImageOps.mirror(one.convert("RGB")), other, 0, "one bit")
    deep = [Image.fromarray(np.arange(i, i + 96 * 64, dtype=np.uint16).reshape(64, 96)) for i in range(3)]
    result = Image.open(world.result("mirror", tiff(world, "deep.tif", deep)))
    for one, other in zip(deep, ImageSequence.Iterator(result), strict=True):
        assert np.array_equal(np.asarray(one)[:, ::-1], np.asarray(other)), "16 bits"


@claim("pages: a TIFF whose pages differ in size and kind keeps every one")
def tiff_mixed(world):
    images = [scene(), scene(50, 80).convert("L"), scene(96, 64).convert("1"), scene(20, 10).convert("RGBA")]
    source = tiff(world, "mixed.tif", images)
    for chain, change in (("copy", lambda image: image), ("mirror", ImageOps.mirror),
                          ("rotate-90", lambda image: image.transpose(Image.Transpose.ROTATE_270))):
        for one, other in zip(images, pages(world.result(chain, source)), strict=True):
            alike(change(one.convert("RGBA")), other, 0, chain)


@claim("pages: to a still format the first page is taken, and the result says so")
def still(world):
    sources = {"gif": animation(world, "gif"), "webp": animation(world, "webp"),
               "tif": tiff(world, "pages.tif", [image.convert("RGB") for image in frames()])}
    for source in sources.values():
        image = world.open("jpeg-95", source)
        alike(frames()[0].convert("RGB"), image, 7, source)
        said = world.said["jpeg-95", source]
        assert re.search("first of 4", said), said


@claim("pages: an animation of one frame, and one of a hundred")
def counts(world):
    for count in (1, 100):
        images = [Image.new("RGB", (32, 24), (i * 2, 255 - i, 40)) for i in range(count)]
        source = world.save(f"many-{count}.gif", images[0], save_all=True, append_images=images[1:], duration=40)
        assert len(pages(world.result("resize-16", source))) == count
