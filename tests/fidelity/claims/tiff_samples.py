# SPDX-License-Identifier: MIT
"""TIFF whose samples are not just 8 or 16 bits of RGB: judged by tiff2rgba, OpenCV, tifffile and Pillow."""
import re

import cv2
import numpy as np
import tifffile
from PIL import Image
from world import claim, scene

PLAIN = "tiff-none"  # which tifffile reads without further packages


def write(world, name, samples, **options):
    tifffile.imwrite(world.path(name), samples, **options)
    return name


def deep(path):
    """Samples from 0 to 1, in the order of the file."""
    found = cv2.imread(path, cv2.IMREAD_UNCHANGED)
    found = found[:, :, ::-1] if found.ndim == 3 else found
    return found.astype(float) / (65535 if found.dtype == np.uint16 else 255)


def near(found, wanted, what, levels=0.002):
    assert found.shape == wanted.shape, f"{what}: {found.shape} is not {wanted.shape}"
    apart = float(np.abs(found - wanted).max())
    assert apart <= levels, f"{what}: off by up to {apart:.4f}"


@claim("tiff: YCbCr without JPEG, subsampled or not, looks as tiff2rgba shows it")
def ycc(world):
    sources = [world.sample("tif-ycc.tif")]
    world.save("rgb.tif", scene())
    for name, options in (("magick-ycc.tif", ("-colorspace", "YCbCr")),):
        world.tool("convert", world.path("rgb.tif"), *options, "-compress", "none", world.path(name))
        sources.append(name)
    y, cb, cr = (np.asarray(plane) for plane in scene().convert("YCbCr").split())
    # Section 21: of 2 x 2 pixels the four Y, then Cb and Cr.
    units = [y[0::2, 0::2], y[0::2, 1::2], y[1::2, 0::2], y[1::2, 1::2], cb[0::2, 0::2], cr[0::2, 0::2]]
    for name, compression in (("ycc-420.tif", None), ("ycc-420-deflate.tif", "zlib")):
        sources.append(subsampled(world, name, np.stack(units, -1).astype(np.uint8), compression))
    world.tool("tiffcp", "-t", "-w", "16", "-l", "16", world.path("tif-ycc.tif"), world.path("tiled-ycc.tif"))
    for source in [*sources, "tiled-ycc.tif"]:
        wanted = world.path(source + ".rgba.tif")
        world.tool("tiff2rgba", "-c", "none", world.path(source), wanted)
        wanted = np.asarray(Image.open(wanted).convert("RGB"))
        for chain, turn in (("png", 0), ("rotate-90_png", -1)):
            found = np.asarray(world.open(chain, source).convert("RGB"))
            assert np.array_equal(found, np.rot90(wanted, turn)), f"{chain} of {source}"


def subsampled(world, name, units, compression):
    """A TIFF by hand: tifffile writes no subsampled YCbCr."""
    import struct
    import zlib
    data = units.tobytes()
    data = zlib.compress(data) if compression else data
    height, width = units.shape[0] * 2, units.shape[1] * 2
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, 8 + len(data)), (259, 3, 1, 8 if compression else 1),
               (262, 3, 1, 6), (273, 4, 1, 8), (277, 3, 1, 3), (278, 4, 1, height), (279, 4, 1, len(data)),
               (284, 3, 1, 1), (530, 3, 2, 2 | 2 << 16)]
    ifd = 8 + len(data) + 6
    ifd += ifd % 2
    file = struct.pack("<2sHI", b"II", 42, ifd) + data + struct.pack("<3H", 8, 8, 8)
    file += bytes(ifd - len(file)) + struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        file += struct.pack("<HHII", tag, kind, count, value)
    return world.put(name, file + bytes(4))


@claim("tiff: YCbCr of a kind that is not read is refused by name")
def ycc_deep(world):
    source = write(world, "ycc16.tif", np.zeros((16, 16, 3), np.uint16), photometric="ycbcr", subsampling=(1, 1))
    assert world.attempt("png", source) == 65
    assert "YCbCr" in world.said["png", source] and "16 bits" in world.said["png", source], world.said["png", source]


@claim("tiff: floats of 0 to 1 are colours as they are encoded, gray and RGB alike, of 16, 32 and 64 bits")
def floats(world):
    rgb = tifffile.imread(world.path(world.sample("tif-float-rgb.tif"))).astype(float)
    near(deep(world.result("png", "tif-float-rgb.tif")), rgb, "sample of RGB")
    gray = tifffile.imread(world.path(world.sample("tif-float16-gray.tif"))).astype(float)
    near(deep(world.result("png", "tif-float16-gray.tif")), gray, "sample of 16 bits")
    picture = np.asarray(scene()).astype(np.float64) / 255
    for kind in (np.float16, np.float32, np.float64):
        for samples, what in ((picture, "rgb"), (picture[:, :, 1], "gray")):
            for layout, options in (("plain", {}), ("tiled", {"tile": (16, 32)}), ("planes", {"planarconfig": "separate"})):
                if layout == "planes" and what == "gray":
                    continue
                data = np.moveaxis(samples, 2, 0) if layout == "planes" else samples
                options = {"photometric": "rgb" if what == "rgb" else "minisblack", **options}
                source = write(world, f"{what}-{layout}-{np.dtype(kind).name}.tif", data.astype(kind), **options)
                near(deep(world.result("png", source)), samples, source)
    world.save("rgb8.tif", scene())
    world.tool("convert", world.path("rgb8.tif"), "-depth", "32", "-define", "quantum:format=floating-point", "-compress", "zip",
               world.path("magick-float.tif"))
    near(deep(world.result("png", "magick-float.tif")), picture, "ImageMagick's")
    world.save("pillow-float.tif", Image.fromarray(picture[:, :, 1].astype(np.float32), "F"))
    near(deep(world.result("png", "pillow-float.tif")), picture[:, :, 1], "Pillow's")


@claim("tiff: floats with a profile are colours in that profile")
def floats_profiled(world):
    import colour
    picture = np.asarray(scene()).astype(np.float32) / 255
    source = write(world, "float-p3.tif", picture, photometric="rgb", 
                   extratags=[(34675, 7, len(colour.DISPLAY_P3), colour.DISPLAY_P3, True)])
    near(deep(world.result("png", source)), picture, "samples")
    assert Image.open(world.result("png", source)).info.get("icc_profile") == colour.DISPLAY_P3


@claim("tiff: other numbers run from the least to the greatest that the file says, or holds, which is said")
def ranges(world):
    wide = tifffile.imread(world.path(world.sample("tif-float-gray-255.tif"))).astype(float)
    ramp = np.tile(np.linspace(0, 1, 96), (64, 1))
    cases = {"tif-float-gray-255.tif": wide}
    for name, data in (("float-255.tif", (ramp * 255).astype(np.float32)), ("signed16.tif", (ramp * 4000 - 100).astype(np.int16)),
                       ("signed32.tif", (ramp * 2e9 - 1e9).astype(np.int32)), ("few32.tif", (ramp * 4000).astype(np.uint32)),
                       ("doubles.tif", ramp * 1e6 - 5e5)):
        cases[write(world, name, data, photometric="minisblack")] = data.astype(float)
    for source, data in cases.items():
        wanted = (data - data.min()) / (data.max() - data.min())
        near(deep(world.result("png", source)), wanted, source)
        assert re.search("from -?[0-9.e+]+ to -?[0-9.e+]+", world.said["png", source]), world.said["png", source]
    for name, data, least, most in (("said-float.tif", (ramp * 100).astype(np.float32), -50.0, 150.0),
                                    ("said-int.tif", (ramp * 1000).astype(np.int32), 0, 2000)):
        kind = "f" if data.dtype == np.float32 else "i"
        code = 11 if kind == "f" else 9
        source = write(world, name, data, photometric="minisblack",
                       extratags=[(340, code, 1, least, True), (341, code, 1, most, True)])
        near(deep(world.result("png", source)), (data.astype(float) - least) / (most - least), source)
        assert "from" not in world.said["png", source], world.said["png", source]


@claim("tiff: whole numbers of 32 bits, and of 12, are colours as they are encoded")
def integers(world):
    picture = np.asarray(scene()).astype(float) / 255
    source = write(world, "deep32.tif", (picture * (2 ** 32 - 1)).astype(np.uint32), photometric="rgb")
    near(deep(world.result("png", source)), picture, source)
    world.save("rgb8.tif", scene())
    for depth in (12, 32):
        world.tool("convert", world.path("rgb8.tif"), "-depth", str(depth), world.path(f"magick-{depth}.tif"))
        near(deep(world.result("png", f"magick-{depth}.tif")), picture, f"ImageMagick's {depth} bits")


@claim("tiff: a kind that is not read is unsupported, named, with what to do")
def unsupported(world):
    cases = {write(world, "complex.tif", np.zeros((8, 8), np.complex64), photometric="minisblack"): "complex",
             write(world, "cfa.tif", np.zeros((8, 8), np.uint16), photometric="cfa"): "mosaic"}
    for source, word in cases.items():
        assert world.attempt("png", source) == 65
        said = world.said["png", source]
        assert word in said and "save it" in said and "unsupported-format" in said, said


@claim("tiff: an extra sample that nobody calls alpha is no transparency, and stays in a TIFF")
def extra(world):
    y, x = np.mgrid[0:40, 0:60]
    bands = np.dstack([x * 4, y * 5, (x + y) * 2, np.where(x > 30, 0, 255), x * 3]).astype(np.uint8)
    cases = {world.sample("tif-extra-unspecified.tif"): 1}
    options = {"photometric": "rgb"}
    cases[write(world, "two.tif", bands, extrasamples=["unspecified", "unspecified"], **options)] = 2
    cases[write(world, "deep.tif", bands[:, :, :4].astype(np.uint16) * 257, extrasamples=["unspecified"], **options)] = 1
    cases[write(world, "alpha.tif", bands, extrasamples=["unassalpha", "unspecified"], **options)] = 1
    cases[write(world, "gray.tif", bands[:, :, [0, 3]], photometric="minisblack", extrasamples=["unspecified"])] = 1
    for source, count in cases.items():
        before = tifffile.imread(world.path(source))
        for chain, turn in ((PLAIN, 0), (f"rotate-90_{PLAIN}", -1)):
            page = tifffile.TiffFile(world.result(chain, source)).pages[0]
            assert list(page.extrasamples)[-count:] == [0] * count, f"{source}: {page.extrasamples}"
            assert np.array_equal(page.asarray(), np.rot90(before, turn)), f"{chain} of {source}"
        shown = world.open("png", source)
        assert "A" in shown.getbands() if source == "alpha.tif" else "A" not in shown.getbands(), shown.mode
        assert "extra samples left out" in world.said["png", source], world.said["png", source]
        colours = np.asarray(shown)[..., : 1 if source == "gray.tif" else 3] if source != "deep.tif" else None
        if colours is not None and source != "gray.tif":
            assert np.array_equal(colours, before[:, :, :3]), source
    cv2.imwrite(world.path("opencv.tif"), bands[:, :, :4])  # says alpha: stays alpha
    assert world.open("png", "opencv.tif").mode == "RGBA"


def kinds(path):
    return [(page.bitspersample, int(page.photometric), page.compression.name)
            for page in tifffile.TiffFile(path).pages]


@claim("tiff: one bit stays one bit, as Group 4, and a palette a palette, where no step makes grays")
def few_colours(world):
    bits = scene().convert("1")
    sources = [world.sample("tif-fax-g4-204x98.tif"), world.save("bits.tif", bits)]
    world.tool("convert", world.path("bits.tif"), "-compress", "fax", world.path("g3.tif"))
    world.tool("convert", world.path("bits.tif"), "-compress", "lzw", world.path("bits-lzw.tif"))
    for source in [*sources, "g3.tif", "bits-lzw.tif"]:
        for chain, turn in (("copy", 0), ("rotate-90", -1)):
            path = world.result(chain, source)
            assert kinds(path)[0][0] == 1 and kinds(path)[0][2] == "CCITT_T6", f"{chain} of {source}: {kinds(path)}"
            wanted = np.asarray(Image.open(world.path(source)).convert("L"))
            assert np.array_equal(np.asarray(Image.open(path).convert("L")), np.rot90(wanted, turn)), f"{chain} of {source}"
    assert kinds(world.result("resize-48", "bits.tif"))[0][0] == 8
    palette = scene().quantize(16)
    sources = [world.save("palette.tif", palette)]
    palette.save(world.path("palette.png"))
    world.tool("convert", world.path("palette.png"), "-type", "palette", "-compress", "lzw", world.path("magick-palette.tif"))
    world.tool("tiffcp", "-c", "packbits", world.path("palette.tif"), world.path("packed-palette.tif"))
    for source in [*sources, "magick-palette.tif", "packed-palette.tif"]:
        for chain, turn in (("copy", 0), ("rotate-90", -1)):
            path = world.result(chain, source)
            assert kinds(path)[0][1] == 3, f"{chain} of {source}: {kinds(path)}"
            wanted = np.asarray(Image.open(world.path(source)).convert("RGB"))
            assert np.array_equal(np.asarray(Image.open(path).convert("RGB")), np.rot90(wanted, turn)), f"{chain} of {source}"
    assert kinds(world.result("blur-2", "palette.tif"))[0][1] == 2


@claim("tiff: a reduced copy is no page, wherever it stands, and pages never become an animation")
def pages(world):
    whole, small = np.asarray(scene()), np.asarray(scene().resize((24, 16)))
    other = whole[:, ::-1]
    sources = {world.sample("tif-reduced-first.tif"): 1}
    for name, order in (("behind.tif", [(whole, 0), (small, 1)]), ("both.tif", [(small, 1), (whole, 0), (small, 1), (other, 0)])):
        with tifffile.TiffWriter(world.path(name)) as file:
            for data, kind in order:
                file.write(data, photometric="rgb", subfiletype=kind)
        sources[name] = sum(kind == 0 for _, kind in order)
    world.save("one.tif", scene())
    world.save("little.tif", scene().resize((24, 16)))
    world.tool("tiffset", "-s", "254", "1", world.path("little.tif"))
    world.tool("tiffcp", world.path("little.tif"), world.path("one.tif"), world.path("joined.tif"))
    sources["joined.tif"] = 1
    for source, count in sources.items():
        found = tifffile.TiffFile(world.result(PLAIN, source)).pages
        assert len(found) == count, f"{source}: {len(found)} pages"
        full = tifffile.TiffFile(world.path(source)).pages
        full = next(page for page in full if page.subfiletype == 0).asarray()
        assert np.array_equal(found[0].asarray(), full), source
        assert "reduced copies" in world.said[PLAIN, source], world.said[PLAIN, source]
        assert np.array_equal(np.asarray(world.open("png", source)), full), source
    assert np.array_equal(tifffile.TiffFile(world.result(PLAIN, "both.tif")).pages[1].asarray(), other)
    for chain in ("webp", "gif", "png"):
        assert getattr(world.open(chain, "both.tif"), "n_frames", 1) == 1, chain
        assert "first of 2 pages" in world.said[chain, "both.tif"], world.said[chain, "both.tif"]
