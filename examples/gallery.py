#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""`make gallery`: every operation at work, as one page of HTML and one small picture.

A walk over `dropmill ops --json`: the example of each operation, through `dropmill process`, on
three photographs from Debian's wallpapers. Operations of the group "detail" get photographs small
enough for a blur of two pixels to show. What comes out:

    build/gallery/index.html     all three photographs, each result whole
    build/gallery/gallery.png    one of them an operation, with few colours: for the README
"""
import argparse
import glob
import html
import json
import os
import shutil
import subprocess
import sys
import tempfile

import cv2
import numpy as np

# Where up is, fine detail and a sky; strong colours and a soft ground; nothing but a gradient.
PHOTOS = {
    "boats": "/usr/share/wallpapers/EveningGlow/contents/images/2560x1600.jpg",
    "flower": "/usr/share/backgrounds/mate/nature/Garden.jpg",
    "lake": "/usr/share/wallpapers/summer_1am/contents/images/2560x1600.jpg",
}
WIDTH = {"detail": 400}  # of the photographs, by group
USUAL_WIDTH = 1000
SHOWN = 400  # pixels of a result's longer side on the page

# The small picture: cells with a thumbnail and the folder's name, under the name of their group.
ON_SHEET = {"detail": "boats", "geometry": "boats", "output": "lake"}
CELL, THUMB, ACROSS, LABEL = (126, 104), (120, 75), 7, 22
MARGIN = 10
HALVED = ("tone", "colour", "detail")  # groups whose results have the photograph's shape
SUBTLE = 16  # a result that differs by less, in the mean, stands beside what it was in one picture
PAPER = 242  # gray, so that what is white in a result is seen


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout


def make_photos(directory, width):
    """name -> path, of that width."""
    folder = f"{directory}/photos-{width}"
    os.makedirs(folder, exist_ok=True)
    for name, source in PHOTOS.items():
        run("vips", "thumbnail", source, f"{folder}/{name}.png", str(width))
    return {name: f"{folder}/{name}.png" for name in PHOTOS}


class Shown:
    """An operation on every photograph: name of the photograph -> preview, or why it did not."""

    def __init__(self, group, label, summary):
        self.group, self.label, self.summary = group, label, summary
        self.previews, self.trouble = {}, ""


def preview(source, target):
    """A PNG for the page, as the result looks; smaller, if it is large."""
    run("vips", "thumbnail", source, f"{target}[strip]", str(SHOWN), "--height", str(SHOWN),
        "--size", "down")
    return target


def make_configuration(directory):
    """Nothing of this machine's plays a part; but an example wants a logo."""
    run("vips", "text", f"{directory}/text.png", "dropmill", "--dpi", "300", "--font", "sans bold")
    run("vips", "bandjoin", " ".join([f"{directory}/text.png"] * 4), f"{directory}/logo.png")
    path = os.path.abspath(f"{directory}/dropmill.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'watermarks = {{ logo = "{os.path.dirname(path)}/logo.png"; }};\n')
    return path


def apply(dropmill, chain, photos, folder):
    """What came out, in the order of @photos; or RuntimeError with what dropmill said."""
    done = subprocess.run([*dropmill, "process", "--quiet", "--force",
                           "--with", chain, "-o", folder, *photos.values()],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError((done.stderr or done.stdout).strip().splitlines()[-1])
    return {name: glob.glob(f"{folder}/{name}.*")[0] for name in photos}


def show(dropmill, operation, photos, directory):
    """The operation's example, applied."""
    shown = Shown(operation["group"], operation["example"], operation["summary"])
    folder = f"{directory}/results/{operation['name']}"
    try:
        for name, path in apply(dropmill, shown.label, photos, folder).items():
            shown.previews[name] = preview(path, f"{directory}/{operation['name']}-{name}.png")
    except RuntimeError as error:
        shown.trouble = str(error)
        print(f"{shown.label}: {error}", file=sys.stderr)
    return shown


def before(group, photos, directory):
    shown = Shown(group, "before", "As they were")
    for name, path in photos.items():
        shown.previews[name] = preview(path, f"{directory}/before-{group}-{name}.png")
    return shown


def walk(program, directory):
    """Every operation, each group led by the photographs as they were."""
    dropmill = [program, "--config", make_configuration(directory)]
    everything, group = [], None
    for operation in json.loads(run(*dropmill, "ops", "--json"))["operations"]:
        photos = make_photos(directory, WIDTH.get(operation["group"], USUAL_WIDTH))
        if operation["group"] != group:
            group = operation["group"]
            everything.append(before(group, photos, directory))
        everything.append(show(dropmill, operation, photos, directory))
        print(f"  {everything[-1].label}", flush=True)
    return everything


# ---- the page

HEAD = """\
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>dropmill: every operation</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 80rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin: 3rem 0 0; text-transform: capitalize }
figure { display: grid; grid-template-columns: repeat(3, 1fr); gap: .5rem; margin: 1.5rem 0 }
figcaption { grid-column: 1 / -1 }
img { max-width: 100%; background: repeating-conic-gradient(#999 0 25%, #bbb 0 50%) 0 / 16px 16px }
code { background: #8882; border-radius: 4px; padding: .1em .35em }
</style>
<h1>Every operation of dropmill</h1>
"""


def write_page(everything, path):
    page, group = [HEAD], None
    for shown in everything:
        if shown.group != group:
            group = shown.group
            page.append(f"<h2>{html.escape(group)}</h2>\n")
        page.append(f"<figure><figcaption><code>{html.escape(shown.label)}</code>"
                    f" {html.escape(shown.trouble or shown.summary)}</figcaption>\n")
        page += [f'<img src="{html.escape(os.path.basename(image))}" alt="{name}" loading="lazy">\n'
                 for name, image in shown.previews.items()]
        page.append("</figure>\n")
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join([*page, "</html>\n"]))


# ---- the small picture

def paper(height, width):
    return np.full((height, width, 3), PAPER, np.uint8)


def text_image(words, bold, height, width, temp):
    """Dark on paper, as wide as it may be. An unseen strut makes all texts of one height."""
    path = f"{temp}/text.png"
    strut = '<span alpha="1">\u00c1g</span>'
    text = strut + (f"<b>{html.escape(words)}</b>" if bold else html.escape(words))
    run("vips", "text", path, text, "--dpi", "72", "--font", "sans 13" if bold else "sans 9")
    ink = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    ink = ink[:, np.flatnonzero(ink.max(axis=0) > 8)[0]:]
    if ink.shape[1] > width:
        ink = cv2.resize(ink, (width, ink.shape[0]), interpolation=cv2.INTER_AREA)
    image = np.rint(PAPER * (1 - ink / 255)).astype(np.uint8)
    canvas = paper(height, width)
    paste(canvas, cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), (0, (height - image.shape[0]) // 2))
    return canvas


def paste(canvas, image, at):
    left, top = at
    canvas[top:top + image.shape[0], left:left + image.shape[1]] = image


def on_white(path):
    """As a viewer would show it."""
    image = cv2.imread(path, cv2.IMREAD_UNCHANGED)
    if image.ndim == 2:
        return cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
    if image.shape[2] == 4:
        alpha = image[..., 3:] / 255
        image = np.rint(image[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return image


def thumbnail(shown, originals):
    """A photograph's result, whole; of "detail" a part of it, pixel by pixel. Is it hard to tell from what
    it was, the left half is that."""
    after = small(shown)
    if shown.group not in HALVED or shown.label == "before":
        return after
    was = small(originals[shown.group])
    if was.shape != after.shape or np.abs(was.astype(int) - after).mean() >= SUBTLE:
        return after
    middle = after.shape[1] // 2
    halves = np.hstack([was[:, :middle], after[:, middle:]])
    halves[:, middle:middle + 1] = 255
    return halves


def small(shown):
    image = on_white(shown.previews[ON_SHEET.get(shown.group, "flower")])
    width, height = THUMB
    if shown.group == "detail":
        top, left = image.shape[0] * 55 // 100, image.shape[1] // 5
        return image[top:top + height, left:left + width]
    scale = min(width / image.shape[1], height / image.shape[0])
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def cell(shown, originals, temp):
    canvas = paper(CELL[1], CELL[0])
    if shown.previews:
        paste(canvas, thumbnail(shown, originals), (0, 0))
    label = text_image(shown.label, False, LABEL, THUMB[0], temp)
    paste(canvas, label, (0, THUMB[1] + 1))
    return canvas


def heading(group, temp):
    return text_image(group.capitalize(), True, 30, CELL[0] * ACROSS, temp)


def draw_sheet(everything, temp):
    rows = []
    originals = {shown.group: shown for shown in everything if shown.label == "before"}
    for group in dict.fromkeys(shown.group for shown in everything):
        rows.append(heading(group, temp))
        cells = [cell(shown, originals, temp) for shown in everything if shown.group == group]
        cells += [paper(CELL[1], CELL[0])] * (-len(cells) % ACROSS)
        rows += [np.hstack(cells[i:i + ACROSS]) for i in range(0, len(cells), ACROSS)]
    sheet = np.vstack(rows)
    canvas = paper(sheet.shape[0] + MARGIN, sheet.shape[1] + 2 * MARGIN)
    paste(canvas, sheet, (MARGIN, 0))
    return canvas


def write_sheet(everything, path):
    with tempfile.TemporaryDirectory() as temp:
        cv2.imwrite(f"{temp}/sheet.png", draw_sheet(everything, temp))
        run("vips", "pngsave", f"{temp}/sheet.png", path, "--palette", "--dither", "1",
            "--compression", "9", "--effort", "10", "--strip")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build/release", help="where the programs are")
    parser.add_argument("--output", default="build/gallery", help="a directory, which is replaced")
    options = parser.parse_args()
    shutil.rmtree(options.output, ignore_errors=True)
    os.makedirs(options.output)
    everything = walk(f"{options.build}/dropmill", options.output)
    write_page(everything, f"{options.output}/index.html")
    write_sheet(everything, f"{options.output}/gallery.png")
    size = os.path.getsize(f"{options.output}/gallery.png")
    print(f"{options.output}/index.html, {options.output}/gallery.png ({size / 1000:.0f} kB)")


if __name__ == "__main__":
    main()
