#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Store the ledger of a release as text, for tests/e2e/upgrade.t: one with rows in every state.

store_ledger.py BUILD OUT.sql     BUILD: the build/release of that release's sources

Its daemon really works on a share with all kinds of files, on a disk that is slow to rename. The ledger
is copied, as a kill in that moment would leave it, when each state has a row.
"""
import glob
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

PHOTOS = os.path.join(os.path.dirname(__file__), "photos.py")
STATES = set(range(8))
SEEN, DONE, FAILED, PARKED = 0, 5, 6, 7
PATIENCE_S = 60
SLOW = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
    int (*next)(int, const char *, int, const char *, unsigned) = dlsym(RTLD_NEXT, "renameat2");
    usleep(300000);
    return next(from, old, to, new, flags);
}
"""
# What is stored is read by people: twelve rows a state, and what belongs to them.
FEW = """
DELETE FROM file WHERE id NOT IN (SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY state ORDER BY id) AS n
    FROM file) WHERE n <= 12);
DELETE FROM history WHERE path NOT IN (SELECT path FROM file);
DELETE FROM original WHERE path NOT IN (SELECT path FROM file);
DELETE FROM output WHERE owner NOT IN (SELECT path FROM file);
"""
FEW_UPLOADS = "DELETE FROM upload WHERE path NOT IN (SELECT path FROM output);"


class Share:
    def __init__(self, build):
        self.build = build
        self.work = tempfile.mkdtemp(prefix="ledger-")
        self.root = os.path.join(self.work, "share")
        self.conf = os.path.join(self.work, "dropmill.conf")
        self.call("dropmill", "setup", self.root)
        for made in glob.glob(self.root + "/inbox/*"):
            shutil.rmtree(made) if os.path.isdir(made) else os.unlink(made)
        self.configure()
        subprocess.run([PHOTOS, self.work + "/sources", "16", "300", "200", "png"], check=True)
        subprocess.run([PHOTOS, self.work + "/slow", "2", "1800", "1200", "png"], check=True)
        arguments = [build + "/dropmilld", "--share", self.root, "--config", self.conf]
        slow = self.work + "/slow.so"
        compiler = ["gcc", "-shared", "-fPIC", "-o", slow, "-x", "c", "-", "-ldl"]
        subprocess.run(compiler, input=SLOW, text=True, check=True)
        with open(self.work + "/log", "wb") as log:
            self.daemon = subprocess.Popen(arguments, stdout=log, stderr=log,
                                           env=dict(os.environ, LD_PRELOAD=slow))

    def call(self, program, *arguments):
        subprocess.run([f"{self.build}/{program}", *arguments], check=True, stdout=subprocess.DEVNULL)

    def configure(self):
        text = f'state_dir = "{self.work}/state";\nruntime_dir = "{self.work}/run";\n'
        if b"s3.directory" in open(self.build + "/dropmilld", "rb").read():
            os.mkdir(self.work + "/bucket")
            open(self.work + "/bucket/.dropmill-mirror", "w").close()
            text += f's3 = {{ directory = "{self.work}/bucket"; }};\n'
        text += 'outbox = { retry = "1h"; };\n'  # what is held up stays so
        with open(self.conf, "w") as conf:
            conf.write(text)

    def drop(self, number, path, folder="sources"):
        place = f"{self.root}/inbox/{path}"
        os.makedirs(os.path.dirname(place), exist_ok=True)
        shutil.copyfile(f"{self.work}/{folder}/photo-{number:03}.png", place)

    def ledger(self):
        found = glob.glob(self.work + "/state/*/ledger.db")
        return sqlite3.connect(f"file:{found[0]}?mode=ro", uri=True) if found else None


def states(db):
    return dict(db.execute("SELECT state, count(*) FROM file GROUP BY state"))


def wait(what, share, is_so):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and share.daemon.poll() is None:
        try:
            db = share.ledger()
            if db is not None:
                db.execute("BEGIN")
                if is_so(db):
                    return db
                db.close()
        except sqlite3.OperationalError:
            pass  # it is being made
        time.sleep(0.002)
    sys.exit(f"waited for {what}:\n" + open(share.work + "/log").read())


def ends(share):
    """Files that are done, failed, held up, not understood, and one that is being written."""
    for number in range(3):
        share.drop(number, f"gray/done-{number}.png")
    share.drop(3, "gray/cut.png")
    os.truncate(share.root + "/inbox/gray/cut.png", 5000)
    share.drop(4, "rotat-90/misspelt.png")
    open(share.root + "/outbox/blur-5", "w").close()  # where a directory has to be
    share.drop(5, "blur-5/held up.png")
    wait("ends", share,
         lambda db: states(db).get(DONE) == 3 and states(db).get(FAILED) and states(db).get(PARKED))
    writer = open(share.root + "/inbox/gray/half.png", "wb")
    writer.write(b"half of it")
    writer.flush()
    return writer


def main():
    build, out = os.path.abspath(sys.argv[1]), sys.argv[2]
    share = Share(build)
    writer = ends(share)
    for turn in range(60):
        for number in range(4, 16):
            share.drop(number, f"invert/sub/{turn}-{number}.png")
        if turn % 4 == 0:
            share.drop(0, f"median-9/{turn}.png", "slow")
        soon = time.monotonic() + 0.7
        db = wait("every state, or the next turn", share,
                  lambda db: set(states(db)) == STATES or time.monotonic() > soon)
        if set(states(db)) == STATES:
            break
    else:
        sys.exit(f"never a row in every state, at last {states(db)}")
    print(states(db))
    copy = sqlite3.connect(share.work + "/copy.db")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    db.backup(copy)
    copy.execute("PRAGMA journal_mode = DELETE")
    copy.execute("UPDATE file SET host = 'pictures' WHERE host != ''")
    copy.executescript(FEW)
    if copy.execute("SELECT 1 FROM sqlite_schema WHERE name = 'upload'").fetchone():
        copy.executescript(FEW_UPLOADS)
    copy.commit()
    copy.close()
    share.daemon.terminate()
    share.daemon.wait()
    writer.close()
    dump = subprocess.run(["sqlite3", share.work + "/copy.db", ".dump"], check=True, capture_output=True, text=True)
    assert socket.gethostname() not in dump.stdout
    with open(out, "w") as text:
        text.write(dump.stdout + f"PRAGMA user_version = {version};\n")
    shutil.rmtree(share.work)


main()
