# SPDX-License-Identifier: MIT
"""The photos that are measured: made once, kept from one benchmark to the next.

Nothing here may load OpenCV into this process: what a child is said to have held at most includes
what its parent held when it forked.
"""
import glob
import multiprocessing
import os
import subprocess
import sys

from machine import CORES

HERE = os.path.dirname(os.path.abspath(__file__))

# Photographs from Debian's mate-backgrounds and plasma-workspace-wallpapers.
WALLPAPERS = (
    "/usr/share/wallpapers/EveningGlow/contents/images/2560x1600.jpg",
    "/usr/share/wallpapers/ColorfulCups/contents/images/2560x1600.jpg",
    "/usr/share/wallpapers/FallenLeaf/contents/images/2560x1600.jpg",
    "/usr/share/wallpapers/Kite/contents/images/2560x1600.jpg",
    "/usr/share/wallpapers/OneStandsOut/contents/images/2560x1600.jpg",
    "/usr/share/backgrounds/mate/nature/Garden.jpg",
    "/usr/share/backgrounds/mate/nature/LadyBird.jpg",
    "/usr/share/backgrounds/mate/abstract/Elephants_5640x3172.jpg",
)


class Set:
    """Photos of one size, @count of them, or @quick_count for a quick look.

    They are drawn (photos.py), or, with @wallpapers, every second one is a wallpaper made to fit.
    """

    def __init__(self, name, width, height, count, quick_count, wallpapers=False):
        self.name, self.size, self.wallpapers = name, (width, height), wallpapers
        self.count, self.quick_count = count, quick_count

    def paths(self, directory, quick):
        """Where the photos are, below @directory; those that are missing are made."""
        kind = "mixed" if self.wallpapers else "photos"
        folder = os.path.join(directory, f"{kind}-{self.size[0]}")
        os.makedirs(folder, exist_ok=True)
        count = self.quick_count if quick else self.count
        paths = [f"{folder}/photo-{i:03d}.jpg" for i in range(count)]
        with multiprocessing.Pool(CORES) as pool:
            pool.starmap(self.make, [(path, i) for i, path in enumerate(paths)
                                     if not os.path.exists(path)], chunksize=1)
        return paths

    def make(self, path, number):
        """In a process of its own."""
        import cv2
        sys.path.insert(0, f"{HERE}/../lib")
        import photos
        if self.wallpapers and number % 2:
            image = cover(cv2, WALLPAPERS[number // 2 % len(WALLPAPERS)], *self.size)
        else:
            image = photos.photo(*self.size, number)
        # OpenCV's chroma is 4:2:0.
        cv2.imwrite(f"{path}.part.jpg", image, (cv2.IMWRITE_JPEG_QUALITY, 88))
        os.rename(f"{path}.part.jpg", path)


def cover(cv2, path, width, height):
    """The picture, scaled and cut to @width x @height about its centre."""
    image = cv2.imread(path, cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(f"{path} is missing: sh packaging/deps.sh bench")
    scale = max(width / image.shape[1], height / image.shape[0])
    kernel = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=kernel)
    top, left = (image.shape[0] - height) // 2, (image.shape[1] - width) // 2
    return image[top:top + height, left:left + width]


def mixed_formats(directory):
    """21 small and large files of every kind that is written, as a folder of people has them."""
    folder = os.path.join(directory, "mixed-formats")
    os.makedirs(folder, exist_ok=True)
    large = Set("12 MP", 4000, 3000, 2, 2, wallpapers=True).paths(directory, False)
    small = Set("1 MP", 1200, 900, 19, 19, wallpapers=True).paths(directory, False)
    kinds = ["jpg"] * 10 + ["jpg[interlace]"] * 2 + ["png"] * 3 + ["webp"] * 2 + ["tif"] * 2
    for number, (source, kind) in enumerate(zip(small + large, kinds + ["jpg"] * 2)):
        if not glob.glob(f"{folder}/file-{number:02d}.*"):
            subprocess.run(["vips", "copy", source, f"{folder}/file-{number:02d}.{kind}"],
                           check=True, stderr=subprocess.DEVNULL)
    return sorted(glob.glob(f"{folder}/file-*"))
