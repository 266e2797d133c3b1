#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A peer for watch_peers.py: the hot folder that people script with watchdog and OpenCV.

It takes what is renamed in at once, in a single-threaded process a core; a result appears under its name when
it is whole, then its original moves away.

    peer_watchdog.py PROCESSES WIDTH INBOX OUTBOX ORIGINALS    prints "ready", runs until killed
"""
import multiprocessing
import os
import sys

import cv2
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer


def process(path, width, outbox, originals):
    name = os.path.basename(path)
    part = f"{outbox}/.{name}.part.jpg"  # OpenCV goes by the extension
    image = cv2.imread(path, cv2.IMREAD_COLOR)
    size = (width, round(image.shape[0] * width / image.shape[1]))
    if not cv2.imwrite(part, cv2.resize(image, size, interpolation=cv2.INTER_AREA),
                       (cv2.IMWRITE_JPEG_QUALITY, 85)):
        raise OSError(f"{part}: not written")
    os.rename(part, f"{outbox}/{name}")
    os.rename(path, f"{originals}/{name}")


def give_up(error):
    print(f"peer_watchdog: {error}", file=sys.stderr, flush=True)
    os._exit(1)


class Handler(FileSystemEventHandler):
    def __init__(self, pool, *settings):
        self.pool, self.settings = pool, settings

    def on_created(self, event):  # so it tells of what comes from outside
        if not event.is_directory:
            self.pool.apply_async(process, (event.src_path, *self.settings), error_callback=give_up)


def main():
    processes, width, inbox, outbox, originals = sys.argv[1:]
    with multiprocessing.Pool(int(processes), cv2.setNumThreads, (1,)) as pool:
        observer = Observer()
        observer.schedule(Handler(pool, int(width), outbox, originals), inbox)
        observer.start()
        print("ready", flush=True)
        observer.join()


if __name__ == "__main__":
    main()
