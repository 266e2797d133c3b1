# SPDX-License-Identifier: MIT
"""What peers run that start a process for each file: operation -> command.

An operation is missing where a peer has none that does the same: vips' Canny has no hysteresis, its
local histogram is a window around each pixel and no CLAHE (sharp's is the same), its rank gives
wrong pixels for windows over 3x3 (8.14); ImageMagick 6 has no CLAHE, and its Canny, which blurs
first, takes half a minute; GraphicsMagick has neither, nor morphology. The matrix of an affine
transformation is for 4000 x 3000.
"""
import os

HERE = os.path.dirname(os.path.abspath(__file__))

ONE_THREAD = {"VIPS_CONCURRENCY": "1", "MAGICK_THREAD_LIMIT": "1", "OMP_NUM_THREADS": "1"}

VIPS = {
    "copy": "vips copy {in} {out}[Q=85]",
    "invert": "vips invert {in}[access=sequential] {out}[Q=85]",
    "brighten": "vips linear {in}[access=sequential] {out}[Q=85] 1.2 0 --uchar",
    "blur-k5": "vips gaussblur {in}[access=sequential] {out}[Q=85] 1.1",
    "median-3": "vips rank {in}[access=sequential] {out}[Q=85] 3 3 4",  # vips_median() is this
    "sharpen": "vips conv {in}[access=sequential] {out}[Q=85] {here}/sharpen.mat"
               " --precision integer",
    "rotate-30-keep": "vips affine {in} {out}[Q=85] 0.8660~-0.5~0.5~0.8660"
                      " --oarea -1018~799~4000~3000",
    "resize-400": "vipsthumbnail -s 400x -o {out}[Q=85] {in}",
    "resize-1600": "vipsthumbnail -s 1600x -o {out}[Q=85] {in}",
}
# Not 'convert': that name may be a wrapper.
IMAGEMAGICK = {
    "copy": "convert-im6.q16 {in} -quality 85 {out}",
    "invert": "convert-im6.q16 {in} -negate -quality 85 {out}",
    "brighten": "convert-im6.q16 {in} -evaluate multiply 1.2 -quality 85 {out}",
    "blur-k5": "convert-im6.q16 {in} -blur 2x1.1 -quality 85 {out}",
    "median-3": "convert-im6.q16 {in} -median 3 -quality 85 {out}",
    "sharpen": "convert-im6.q16 {in} -morphology Convolve 3x3:0,-1,0,-1,5,-1,0,-1,0"
               " -quality 85 {out}",
    "open-5": "convert-im6.q16 {in} -morphology Open Square:2 -quality 85 {out}",
    "rotate-30-keep": "convert-im6.q16 {in} -background black -rotate 30 -gravity center"
                      " -crop 4000x3000+0+0 +repage -quality 85 {out}",
    "resize-400": "convert-im6.q16 -define jpeg:size=800x800 {in} -thumbnail 400 -quality 85"
                  " {out}",
    "resize-1600": "convert-im6.q16 {in} -resize 1600 -quality 85 {out}",
}
GRAPHICSMAGICK = {
    "copy": "gm convert {in} -quality 85 {out}",
    "invert": "gm convert {in} -negate -quality 85 {out}",
    "brighten": "gm convert {in} -operator All Multiply 1.2 -quality 85 {out}",
    "blur-k5": "gm convert {in} -blur 2x1.1 -quality 85 {out}",
    "median-3": "gm convert {in} -median 1 -quality 85 {out}",
    "sharpen": "gm convert {in} -convolve 0,-1,0,-1,5,-1,0,-1,0 -quality 85 {out}",
    "rotate-30-keep": "gm convert {in} -background black -rotate 30 -gravity center"
                      " -crop 4000x3000+0+0 -quality 85 {out}",
    "resize-400": "gm convert -size 800x800 {in} -resize 400x -quality 85 {out}",
}


def fill(command, source, target):
    """Arguments for xargs -I@, which puts a file's name for @; a ~ stands for a blank in one."""
    places = {"{in}": f"{source}/@", "{out}": f"{target}/@", "{here}": HERE}
    words = [word.replace("~", " ") for word in command.split()]
    for name, value in places.items():
        words = [word.replace(name, value) for word in words]
    return words
