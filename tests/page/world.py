# SPDX-License-Identifier: MIT
"""What the tests of the page share: where everything is, pictures to send, and the ends to wait for."""
import json
import os
import shlex
import shutil
import signal
import subprocess
import urllib.error
import urllib.request

import cv2

from browser import Browser, TooLate, wait
from photos import photo


class World:
    """What the tests share."""

    def __init__(self, base, share, work, shots, axe):
        self.base, self.share, self.work, self.shots = base, share, work, shots
        self.axe = open(axe, encoding="utf-8").read() if axe else None
        self.count = 0
        os.makedirs(shots, exist_ok=True)

    def kill_page(self):
        """End dropmill-page without a word; its number is in page.pid, its command in PAGE_COMMAND."""
        with open(os.path.join(self.work, "page.pid"), encoding="ascii") as file:
            os.kill(int(file.read()), signal.SIGKILL)

    def start_page(self):
        with open(os.path.join(self.work, "page.log"), "ab") as log:
            page = subprocess.Popen(shlex.split(os.environ["PAGE_COMMAND"]), stdout=log, stderr=log)
        with open(os.path.join(self.work, "page.pid"), "w", encoding="ascii") as file:
            file.write(str(page.pid))

    def browser(self):
        self.count += 1
        return Browser(self.base, self.shots, os.path.join(self.work, f"profile-{self.count}"))

    def get(self, path):
        with urllib.request.urlopen(self.base + path) as answer:
            return json.load(answer)

    def drop(self, drop_id):
        try:
            return self.get(f"api/drops/{drop_id}")
        except urllib.error.HTTPError:
            return dict.fromkeys(("total", "waiting", "processing", "done", "failed"), 0) | {"state": "none"}

    def arrived(self, drop_id):
        """How many of a drop the server has."""
        drop = self.drop(drop_id)
        return sum(drop[state] for state in ("waiting", "processing", "done", "failed"))

    def wait_done(self, drop_id, done, failed=0):
        """Until so many are done and so many failed."""
        right = lambda one: (one["done"], one["failed"], one["total"]) == (done, failed, done + failed)
        try:
            wait(lambda: right(self.drop(drop_id)), f"{done} done, {failed} failed", 120)
        except TooLate as late:
            raise TooLate(f"{late}; there is {self.drop(drop_id)}") from None

    def results(self, chain, title):
        """The paths below the drop's folder in outbox/."""
        top = os.path.join(self.share, "outbox", chain, title)
        return sorted(os.path.relpath(os.path.join(folder, name), top)
                      for folder, _, names in os.walk(top) for name in names)


def write(path, image):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    cv2.imwrite(path, image)


def make_folder(path, count, width=160, height=120):
    """A folder of pictures, some in folders below, no two alike; their paths in it."""
    paths = []
    for i in range(count):
        below = ("", "day 1/", "day 2/", "day 2/evening/")[i % 4]
        paths.append(f"{below}IMG_{i:04d}.jpg")
        write(os.path.join(path, paths[-1]), photo(width, height, i))
    return sorted(paths)


def with_strangers(path):
    """Beside the pictures, what stays behind."""
    for name in ("packing list.docx", "Thumbs.db", "day 1/.DS_Store"):
        with open(os.path.join(path, name), "wb") as file:
            file.write(b"no picture")
    with open(os.path.join(path, "day 2/empty.jpg"), "wb"):
        pass


def copy_in(world, chain, title, count):
    """Pictures put into the share, as over the network."""
    made = os.path.join(world.work, "put", title)
    make_folder(made, count)
    os.makedirs(os.path.join(world.share, "inbox", chain), exist_ok=True)
    shutil.move(made, os.path.join(world.share, "inbox", chain, title))
