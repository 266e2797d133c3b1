# SPDX-License-Identifier: MIT
"""Pictures that a camera noted to be turned."""
from PIL import Image, ImageOps
from world import alike, claim, scene

# What a viewer does for each orientation; the file stores the inverse.
STORED = {1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
          4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90,
          7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270}
EXTENSIONS = ("jpg", "webp", "tif", "png")


def turned(world, orientation, extension):
    """A file that a viewer shows as scene()."""
    name = f"turned-{orientation}.{extension}"
    image = scene()
    if STORED[orientation] is not None:
        image = image.transpose(STORED[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"jpg": {"quality": 95, "subsampling": 0}, "webp": {"lossless": True}}.get(extension, {})
    return world.save(name, image, exif=exif.tobytes() if extension != "tif" else exif, **options)


def each():
    return ((orientation, extension) for orientation in STORED for extension in EXTENSIONS)


@claim("orientation: a step of geometry gives upright pixels, and no reader turns them again")
def geometry(world):
    wanted = scene().transpose(Image.Transpose.ROTATE_270).resize((32, 48), Image.Resampling.LANCZOS)
    for orientation, extension in each():
        result = world.open("rotate-90_resize-32x", turned(world, orientation, extension))
        assert result.getexif().get(0x0112, 1) == 1, f"orientation {orientation} of {extension} is still noted"
        alike(result, wanted)


@claim("orientation: without geometry a viewer still shows the picture upright")
def pixels(world):
    wanted = ImageOps.invert(scene())
    for orientation, extension in each():
        result = world.open("invert", turned(world, orientation, extension))
        shown = result if extension == "tif" else ImageOps.exif_transpose(result)  # Pillow turns TIFF by itself
        alike(shown, wanted, what=f"{extension} {orientation}")


@claim("orientation: where readers know no such tag, the pixels are upright")
def no_tag(world):
    for orientation in STORED:
        result = world.open("png", turned(world, orientation, "jpg"))
        assert result.getexif().get(0x0112, 1) == 1
        alike(result, scene())


@claim("orientation: 'orient' turns the pixels and takes the note away")
def orient(world):
    for orientation in STORED:
        result = world.open("orient", turned(world, orientation, "jpg"))
        assert result.getexif().get(0x0112, 1) == 1
        alike(result, scene())
