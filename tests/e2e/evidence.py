#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writers of one machine that make it hard to say when a file is finished.

evidence.py returns PHOTO FOLDER COUNT   COUNT writers that close in the middle and come back, after 0.2 to 8 s
evidence.py scanner FOLDER COUNT PAUSE   COUNT files of 3 pages, each added PAUSE s after the one before
evidence.py holder PHOTO FILE PAUSE      half a file, held open in silence for PAUSE s, then the rest
evidence.py empty FILE PAUSE             one that is empty for PAUSE s
"""
import os
import random
import shutil
import sys
import threading
import time

from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter

PAGES = 3


def come_back(data, path, rng):
    cuts = sorted(rng.sample(range(1, len(data)), rng.randint(1, 3))) + [len(data)]
    begin = 0
    for end in cuts:
        with open(path, "ab") as file:
            file.write(data[begin:end])
        begin = end
        if end < len(data):
            time.sleep(rng.choice((0.2, 0.26, 0.9, 1.1, 2.9, 3.1, 8)))


def returns(photo, folder, count):
    with open(photo, "rb") as file:
        data = file.read()
    writers = [threading.Thread(target=come_back, args=(data, f"{folder}/{i}.jpg", random.Random(i)))
               for i in range(int(count))]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()


def scanner(folder, count, pause):
    for i in range(int(count)):
        path = f"{folder}/{i}.tif"
        for page in range(PAGES):
            if page > 0:
                time.sleep(float(pause))
            image = Image.new("RGB", (200, 100), (60 * page, 40 * i, 99))
            with AppendingTiffWriter(path, page == 0) as pages:
                image.save(pages, format="TIFF")
                pages.newFrame()


def holder(photo, path, pause):
    with open(photo, "rb") as file:
        data = file.read()
    with open(path, "wb", buffering=0) as file:
        file.write(data[:len(data) // 2])
        time.sleep(float(pause))
        file.write(data[len(data) // 2:])


def empty(photo, path, pause):
    with open(path, "wb"):
        pass
    time.sleep(float(pause))
    shutil.copyfile(photo, path)


if __name__ == "__main__":
    os.umask(0o002)
    globals()[sys.argv[1]](*sys.argv[2:])
