# SPDX-License-Identifier: MIT
"""Animations: what each frame shows, for how long, and what steps that look at the whole picture decide."""
import numpy as np
from PIL import Image, ImageDraw, ImageSequence
from world import claim, scene

DELAYS = [50, 120, 300, 70]


def disc(i, background=None, size=(96, 64)):
    image = Image.new("RGBA", size, background or (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((5 + 15 * i, 12, 35 + 15 * i, 42), fill=(250, 220 - 40 * i, 10, 255))
    return image


def coalesced(world, path):
    """Every frame as ImageMagick shows it, RGBA."""
    count = len(world.tool("identify", path).splitlines())
    found = []
    prefix = world.path("coalesced")
    world.tool("convert", path, "-coalesce", "+adjoin", f"{prefix}-%04d.png")
    for i in range(count):
        with Image.open(f"{prefix}-{i:04d}.png") as image:
            found.append(np.asarray(image.convert("RGBA")).astype(int))
    return found


def frames(path):
    """Every frame as Pillow shows it."""
    return [np.asarray(frame.convert("RGBA")).astype(int) for frame in ImageSequence.Iterator(Image.open(path))]


def times(path):
    found = []
    for frame in ImageSequence.Iterator(Image.open(path)):
        frame.load()
        found.append(round(frame.info.get("duration", 0)))
    return found


def same(before, after, levels, what):
    assert len(before) == len(after), f"{what}: {len(before)} frames became {len(after)}"
    for i, (one, other) in enumerate(zip(before, after)):
        assert one.shape == other.shape, f"{what}, frame {i}: {one.shape} became {other.shape}"
        one, other = (np.where(image[:, :, 3:] == 0, 0, image) for image in (one, other))
        apart = float(np.abs(one - other).mean())
        assert apart <= levels, f"{what}, frame {i}: off by {apart:.2f} levels"


@claim("frames: a GIF's frame that is cleared away leaves transparency, as ImageMagick shows it")
def disposal(world):
    sources = [world.sample("gif-disposal.gif")]
    for name, disposal, count in (("cleared.gif", 2, 4), ("mixed.gif", [2, 1, 3, 2], 4), ("restored.gif", 3, 4)):
        first, *rest = [disc(i) for i in range(count)]
        sources.append(world.save(name, first, save_all=True, append_images=rest, duration=80, loop=2, disposal=disposal))
    # No frame has a transparent colour, and one uses all 256.
    rng = np.random.default_rng(1)
    names = []
    for i in range(3):
        noise = rng.integers(0, 255, (24 - 4 * i, 40, 3), dtype=np.uint8)
        names.append(world.path(world.save(f"noise-{i}.gif", Image.fromarray(noise).quantize(256))))
    world.tool("gifsicle", "--no-warnings", "-D", "background", "-d", "10", "-l3", *names, "-o", world.path("noise.gif"))
    sources.append("noise.gif")
    boxes = [("60x40", "+0+0", "red"), ("30x20", "+20+5", "lime"), ("25x20", "+25+9", "blue")]
    words = [word for size, at, ink in boxes for word in ("-size", size, "-page", f"60x40{at}", f"xc:{ink}")]
    world.tool("convert", "-dispose", "background", "-delay", "7", *words, "-loop", "0", world.path("magick.gif"))
    sources.append("magick.gif")
    for source in sources:
        wanted = coalesced(world, world.path(source))
        for chain in ("png", "webp-lossless"):
            same(wanted, frames(world.result(chain, source)), 0.6, f"{chain} of {source}")
        same(wanted, coalesced(world, world.result("copy", source)), 3, f"copy of {source}")


def moving(world):
    """APNG by three programs."""
    pictures = [disc(i, (30, 60, 90, 255)) for i in range(4)]
    see_through = [disc(i) for i in range(4)]
    sources = [world.sample("apng.png")]
    for name, images, more in (("pillow.png", pictures, {}), ("pillow-alpha.png", see_through, {"disposal": 1}),
                               ("pillow-over.png", see_through, {"blend": 1}), ("pillow-back.png", see_through, {"disposal": 2, "blend": 1})):
        first, *rest = images
        sources.append(world.save(name, first, save_all=True, append_images=rest, duration=DELAYS, loop=3, **more))
    for i, image in enumerate(pictures):
        image.convert("RGB").save(world.path(f"part{i}.png"))
    world.tool("apngasm", world.path("apngasm.png"), world.path("part0.png"), "12", "100", "-l2")
    return [*sources, "apngasm.png"]


@claim("frames: APNG is read and written, frame by frame, with its times, to WebP and GIF too")
def apng(world):
    for source in moving(world):
        before, delays = frames(world.path(source)), times(world.path(source))
        for chain, levels in (("copy", 0), ("webp-lossless", 0.6), ("gif", 8), ("mirror_mirror", 0)):
            path = world.result(chain, source)
            same(before, coalesced(world, path) if chain == "gif" else frames(path), levels, f"{chain} of {source}")
            wanted = [delay // 10 * 10 if chain == "gif" else delay for delay in delays]
            found = times(path)
            assert all(abs(a - b) <= (10 if chain == "gif" else 1) for a, b in zip(wanted, found)), f"{chain}: {wanted} {found}"
        same([np.rot90(frame, -1) for frame in before], frames(world.result("rotate-90", source)), 0, f"turned {source}")
    assert Image.open(world.result("mirror_mirror", "pillow.png")).info.get("loop") == 3


@claim("frames: GIF and WebP become APNG and come back")
def to_apng(world):
    first, *rest = [disc(i, (30, 60, 90, 255)) for i in range(4)]
    for name, options in (("to.gif", {}), ("to.webp", {"lossless": True})):
        source = world.save(name, first, save_all=True, append_images=rest, duration=DELAYS, loop=3, **options)
        path = world.result("png", source)
        assert times(path) == DELAYS, times(path)
        same(frames(world.path(source)), frames(path), 0.6, source)


@claim("frames: where frames cannot go, it is said that only the first of them was taken, of AVIF sequences too")
def first_only(world):
    names = []
    for i in range(3):
        names.append(world.path(world.save(f"seq{i}.png", disc(i, (30, 60, 90, 255)).convert("RGB"))))
    world.tool("avifenc", *names, world.path("sequence.avif"))
    first, *rest = [disc(i, (30, 60, 90, 255)) for i in range(5)]
    world.save("five.webp", first, save_all=True, append_images=rest, duration=50)
    for source, count, chains in (("sequence.avif", 3, ("png", "webp", "jpeg", "copy")), (world.sample("apng.png"), 5, ("jpeg", "avif")),
                                  ("five.webp", 5, ("jpeg", "avif")), (world.sample("gif-moving.gif"), 4, ("jpeg",))):
        for chain in chains:
            world.result(chain, source)
            assert f"only the first of {count} frames" in world.said[chain, source], world.said[chain, source]


@claim("frames: WebP delays of 0 and 10 ms stay what they are, and no frame is lost")
def delays(world):
    sources = [world.sample("webp-anim-alpha.webp")]
    pictures = []
    for i in range(4):
        pictures.append(world.path(world.save(f"f{i}.webp", disc(i // 2, (9, 9, 9, 255)), lossless=True)))
    arguments = [word for path, delay in zip(pictures, (0, 10, 5, 40)) for word in ("-frame", path, f"+{delay}+0+0+0-b")]
    world.tool("webpmux", *arguments, "-loop", "4", "-o", world.path("mux.webp"))
    first, *rest = [disc(i) for i in range(4)]
    sources += ["mux.webp", world.save("quick.webp", first, save_all=True, append_images=rest, duration=[10, 0, 10, 20], lossless=True)]

    def listed(path):
        lines = [line.split() for line in world.tool("webpmux", "-info", path).splitlines()]
        return [int(line[6]) for line in lines if line and line[0].rstrip(":").isdigit()]
    for source in sources:
        for chain in ("copy", "mirror", "resize-48"):
            wanted, found = listed(world.path(source)), listed(world.result(chain, source))
            assert wanted == found, f"{chain} of {source}: {wanted} ms became {found}"
    assert 0 in listed(world.path("mux.webp"))


def ping(world, name, pictures, **options):
    first, *rest = pictures
    return world.save(name, first, save_all=True, append_images=rest, duration=80, loop=0, **options)


def on_white(image):
    below = Image.new("RGBA", (90, 60), (255, 255, 255, 255))
    below.alpha_composite(image)
    return below


@claim("frames: steps that look at the whole picture decide once for all frames")
def one_decision(world):
    moved = [on_white(disc(i, size=(90, 60))) for i in range(4)]
    shades = [Image.eval(scene(60, 40).convert("L"), lambda v, i=i: min(255, int(v * (0.3 + 0.2 * i)))).convert("RGBA") for i in range(4)]
    steps = {"trim": moved, "equalize": shades, "threshold": shades, "levels": shades, "enhance": shades,
             "fill-30x30-smart": moved, "crop-40x40-smart": moved}
    world.sample("gif-moving.gif")
    world.sample("gif-flash.gif")
    for step, pictures in steps.items():
        sources = [ping(world, f"{step}.webp", pictures, lossless=True), ping(world, f"{step}.png", pictures),
                   "gif-moving.gif" if pictures is moved else "gif-flash.gif"]
        for source in sources:
            before, after = frames(world.path(source)), frames(world.result(f"{step}_png", source))
            assert len(before) == len(after), f"{step} of {source}"
            if step.startswith(("trim", "fill", "crop")):
                centres = [[np.argwhere(np.abs(frame - frame[0, 0]).sum(2) > 60).mean(0)[1] for frame in kind] for kind in (before, after)]
                moves = [[b - a for a, b in zip(line, line[1:])] for line in centres]
                assert max(moves[1]) > 2, f"{step} of {source}: nothing moves any more: {moves}"
                continue
            table = {}
            for one, other in zip(before, after):  # what was alike stays alike, whichever frame it is in
                luma = (one[:, :, :3] * (77, 150, 29)).sum(2) >> 8
                for value in np.unique(luma):
                    found = other[luma == value][:, :3].mean()
                    table.setdefault(int(value), []).append(found)
            worst = max(max(found) - min(found) for found in table.values())
            assert worst <= 6, f"{step} of {source}: one value becomes values {worst:.0f} levels apart"


@claim("frames: what stands still in an animation stands still after steps that look at the whole picture")
def still(world):
    pictures = []
    for i in range(4):
        image = scene(90, 60).convert("RGBA")
        ImageDraw.Draw(image).ellipse((5 + 15 * i, 12, 35 + 15 * i, 42), fill=(250 * (i % 2), 220 - 40 * i, 10, 255))
        pictures.append(image)
    sources = [ping(world, "still.webp", pictures, lossless=True), ping(world, "still.png", pictures), ping(world, "still.gif", pictures)]
    for source in sources:
        before = frames(world.path(source))
        for step in ("clahe", "equalize", "levels", "threshold"):
            after = frames(world.result(f"{step}_png", source))
            for i in range(1, 4):
                stands = (before[i] == before[i - 1]).all(2)
                apart = np.abs(after[i] - after[i - 1])[stands].max()
                assert apart == 0, f"{step} of {source}, frame {i}: {apart} levels where nothing changed"


@claim("frames: pages of a document decide each by itself")
def pages_apart(world):
    pictures = [Image.eval(scene(60, 40).convert("L"), lambda v, i=i: int(v * (0.3 + 0.2 * i))) for i in range(3)]
    source = world.save("pages.tif", pictures[0], save_all=True, append_images=pictures[1:])
    for page in ImageSequence.Iterator(Image.open(world.result("enhance", source))):
        assert np.asarray(page).max() == 255, np.asarray(page).max()
