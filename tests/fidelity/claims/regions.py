# SPDX-License-Identifier: MIT
"""Regions of people and things: circles and points as well as rectangles, in fractions and in pixels, for a picture that
is measured in pixels or in inches. Written by exiftool and by exiv2."""
from PIL import Image
from world import claim, scene

WIDE, HIGH = 96, 64
X, Y = 0.25, 0.375  # 24, 24
CHAINS = {  # where a point of the picture gets to, and by how much a length grows
    "copy": (lambda x, y: (x, y), 1), "rotate-90": (lambda x, y: (HIGH - y, x), 1), "mirror": (lambda x, y: (WIDE - x, y), 1),
    "resize-50pct": (lambda x, y: (x / 2, y / 2), 0.5), "crop-48x32-8-8": (lambda x, y: (x - 8, y - 8), 1),
    "crop-48x32-8-8_rotate-90": (lambda x, y: (32 - (y - 8), x - 8), 1)}


def by_exiftool(world, name, area, applied):
    world.save(name, scene(), quality=95)
    world.tool("exiftool", "-q", "-overwrite_original",
               f"-RegionInfo={{AppliedToDimensions={{{applied}}},RegionList=[{{Area={{{area}}},Name=Anna,Type=Face}}]}}",
               world.path(name))
    return name


def by_exiv2(world, name, area, applied):
    """The same, set one by one."""
    world.save(name, scene(), quality=95)
    root = "Xmp.mwg-rs.Regions"
    words = [f"set {root} XmpText type=Struct", f"set {root}/mwg-rs:RegionList XmpText type=Bag",
             f"set {root}/mwg-rs:RegionList[1]/mwg-rs:Name Anna"]
    for prefix, rows in ((f"{root}/mwg-rs:AppliedToDimensions/stDim:", applied),
                         (f"{root}/mwg-rs:RegionList[1]/mwg-rs:Area/stArea:", area)):
        for row in filter(None, rows.split(",")):
            key, value = row.split("=")
            words.append(f"set {prefix}{key.lower()} {value}")
    world.tool("exiv2", *(f"-M{word}" for word in words), world.path(name))
    return name


def area_of(world, path):
    """x, y, then width and height, or a diameter, in pixels of the result; None: it is gone."""
    tags = world.tags(path)
    if "RegionAreaX" not in tags:
        return None
    size = Image.open(path).size
    applied = tags.get("RegionAppliedToDimensionsW"), tags.get("RegionAppliedToDimensionsH")
    if applied[0] is not None and "/copy/" not in path:
        assert applied == tuple(map(str, size)) and tags.get("RegionAppliedToDimensionsUnit", "pixel") == "pixel", tags
    pixels = tags.get("RegionAreaUnit") == "pixel"
    scales = {"X": size[0], "Y": size[1], "W": size[0], "H": size[1], "D": min(size)}
    return [float(tags[f"RegionArea{key}"]) * (1 if pixels else scale) for key, scale in scales.items()
            if f"RegionArea{key}" in tags]


def check(world, name, lengths):
    for chain, (point, growth) in CHAINS.items():
        result = world.result(chain, name)
        found = area_of(world, result)
        turned = lengths[::-1] if "rotate" in chain else lengths
        wanted = [*point(X * WIDE, Y * HIGH), *(length * growth for length in turned)]
        assert found and len(found) == len(wanted), f"{chain} of {name}: {found}, not {wanted}"
        assert max(abs(a - b) for a, b in zip(found, wanted)) < 0.6, f"{chain} of {name}: {found}, not {wanted}"
    assert area_of(world, world.result("crop-20x20-76-44", name)) is None, f"{name}: cut away"


PIXELS, INCHES = "W=96,H=64,Unit=pixel", "W=3,H=2,Unit=inch"


@claim("regions: rectangles, circles and points, in fractions and in pixels, move with the pixels")
def all_kinds(world):
    kinds = {"rectangle": ("X=0.25,Y=0.375,W=0.125,H=0.25,Unit=normalized", (12, 16)),
             "circle": ("X=0.25,Y=0.375,D=0.25,Unit=normalized", (16,)),
             "point": ("X=0.25,Y=0.375,Unit=normalized", ()),
             "pixels": ("X=24,Y=24,W=12,H=16,Unit=pixel", (12, 16)),
             "pixel-circle": ("X=24,Y=24,D=16,Unit=pixel", (16,))}
    for kind, (area, lengths) in kinds.items():
        for maker, made in (("exiftool", by_exiftool), ("exiv2", by_exiv2)):
            check(world, made(world, f"{kind}-{maker}.jpg", area, PIXELS), lengths)


@claim("regions: they are for a picture measured in inches, or in nothing, too")
def applied(world):
    area = "X=0.25,Y=0.375,D=0.25,Unit=normalized"
    for maker in (by_exiftool, by_exiv2):
        check(world, maker(world, f"inches-{maker.__name__}.jpg", area, INCHES), (16,))
    check(world, by_exiv2(world, "nothing.jpg", area, ""), (16,))
    check(world, by_exiv2(world, "nothing-pixels.jpg", "X=24,Y=24,W=12,H=16,Unit=pixel", ""), (12, 16))
