# SPDX-License-Identifier: MIT
"""What the claims share: pictures, their files, and `dropmill process` on them.

A claim is a function of a World, named by @claim, that asserts; claims.py runs those of claims/*.py.
"""
import glob
import os
import shutil
import subprocess

import numpy as np
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
CLAIMS = []


def claim(sentence):
    """A claim fails by an AssertionError, whose words say what was found."""
    def register(function):
        CLAIMS.append((sentence, function))
        return function
    return register


def scene(width=96, height=64, marked=True):
    """A picture in which no two corners look alike, smooth enough for lossy formats."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    red = 40 + 200 * x / width
    green = 40 + 200 * y / height
    blue = 128 + 90 * np.cos(x / 9) * np.cos(y / 7)
    image = np.dstack([red, green, blue])
    if marked: # edges that lossy formats do not like
        image[: height // 4, : width // 4] = (230, 30, 40)
        image[-height // 4:, -width // 4:] = (20, 60, 220)
    return Image.fromarray(image.clip(0, 255).astype(np.uint8))


class World:
    def __init__(self, dropmill, folder):
        self.dropmill, self.folder = dropmill, folder
        self.said = {}  # (chain, name) -> what the command said
        os.makedirs(f"{folder}/in", exist_ok=True)

    def path(self, name):
        return f"{self.folder}/in/{name}"

    def save(self, name, image, **options):
        """A source by Pillow; returns its name."""
        before = self.bytes_of(name)
        image.save(self.path(name), **options)
        self.forget_if_other(name, before)
        return name

    def put(self, name, data):
        """A source of these bytes; returns its name."""
        before = self.bytes_of(name)
        with open(self.path(name), "wb") as file:
            file.write(data)
        self.forget_if_other(name, before)
        return name

    def sample(self, name):
        """One of the files in inputs/, each of a kind that once came out wrong; returns its name."""
        with open(f"{HERE}/inputs/{name}", "rb") as file:
            return self.put(name, file.read())

    def bytes_of(self, name):
        if not os.path.exists(self.path(name)):
            return None
        with open(self.path(name), "rb") as file:
            return file.read()

    def forget_if_other(self, name, before):
        """It may be another claim's name: what was made of that one is not of this one."""
        if before is not None and before != self.bytes_of(name):
            for out in glob.glob(f"{self.folder}/out/*/{glob.escape(name)}.d"):
                shutil.rmtree(out)

    def tool(self, *command):
        """An independent program; returns what it prints."""
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout

    def attempt(self, chain, name):
        """Exit code of processing; what it said is in said[]."""
        out = f"{self.folder}/out/{chain}/{name}.d"
        done = subprocess.run([self.dropmill, "--config", "/dev/null", "process", "--with", chain, "-o", out,
                               self.path(name)], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True)
        self.said[chain, name] = done.stdout
        return done.returncode

    def batch(self, chain, names, *options):
        """Process many at once; returns name -> path of the results of those that are done."""
        out = f"{self.folder}/out/{chain}/batch-{len(self.said)}"
        done = subprocess.run([self.dropmill, "--config", "/dev/null", "process", *options, "--with", chain, "-o", out,
                               *map(self.path, names)], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True)
        self.said[chain, out] = done.stdout
        assert done.returncode in (0, 65), f"{chain}: exit {done.returncode}: {done.stdout}"
        found = {os.path.splitext(name)[0]: f"{out}/{name}" for name in os.listdir(out)} if os.path.isdir(out) else {}
        return {name: found[stem] for name in names if (stem := os.path.splitext(name)[0]) in found}

    def result(self, chain, name):
        """Path of the result; made at the first call."""
        out = f"{self.folder}/out/{chain}/{name}.d"
        if not os.path.isdir(out):
            code = self.attempt(chain, name)
            assert code == 0, f"{chain} of {name}: exit {code}: {self.said[chain, name]}"
        return f"{out}/{os.listdir(out)[0]}"

    def open(self, chain, name):
        image = Image.open(self.result(chain, name))
        image.load()
        return image

    def tags(self, path):
        """Metadata as exiftool reads it: name -> text."""
        lines = self.tool("exiftool", "-s", "-a", "-G1", path).splitlines()
        pairs = [line.split(":", 1) for line in lines if ":" in line]
        return {key.split()[-1]: value.strip() for key, value in pairs}


def difference(a, b):
    """Mean difference of two pictures in levels, at one size."""
    assert a.size == b.size, f"{a.size} is not {b.size}"
    a, b = (np.asarray(image.convert("RGB")).astype(float) for image in (a, b))
    return float(np.abs(a - b).mean())


def alike(a, b, levels=4.0, what=""):
    found = difference(a, b)
    assert found <= levels, f"{what}: they differ by {found:.1f} levels on average, at most {levels}"
