# SPDX-License-Identifier: MIT
"""What is not read is refused with words that help."""
from world import claim, scene

STRANGERS = {
    "photo.psd": b"8BPS\0\1" + bytes(60), "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "paper.pdf": b"%PDF-1.4\n", "camera.raf": b"FUJIFILMCCD-RAW " + bytes(90), "new.jxl": b"\xff\x0a" + bytes(60),
    "old.jp2": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(60), "camera.cr3": b"\0\0\0\x18ftypcrx " + bytes(60),
}


@claim("refused: BMP, PSD, RAW, SVG, PDF, JPEG XL and JPEG 2000, saying which formats work")
def strangers(world):
    world.save("picture.bmp", scene())
    names = ["picture.bmp", *(world.put(name, data) for name, data in STRANGERS.items())]
    for name in names:
        code = world.attempt("copy", name)
        said = world.said["copy", name]
        assert code == 65, f"{name}: exit {code}: {said}"
        for format_name in ("jpeg", "png", "webp", "tiff", "gif", "heif", "avif"):
            assert format_name in said, f"{name}: no word of {format_name}: {said}"
