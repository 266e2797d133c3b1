#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""What the page hands out: page_files.py NAME... runs the checks of these names. See page_files.t."""
import base64
import io
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import time
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import raw_http
import tap

PAGE = os.environ["PAGE_ADDRESS"]
SHARE = pathlib.Path(os.environ["SHARE"])
WORK = pathlib.Path(os.environ["WORK"])
DROP = "gray/Holiday 2024"
ID = base64.urlsafe_b64encode(DROP.encode()).decode().rstrip("=")
QUOTED = "sub/Zoë \"2\".jpg"
OUTBOX = SHARE / "outbox" / DROP


def get(target, **headers):
    return raw_http.ask(PAGE, "GET", "/" + target, [(name.replace("_", "-"), value) for name, value in headers.items()])


def rows():
    ledger = sqlite3.connect(f"file:{os.environ['LEDGER']}?mode=ro", uri=True)
    return {os.fsdecode(path)[len(DROP) + 1:]: row for row, path in
            ledger.execute("SELECT id, CAST(path AS BLOB) FROM file")}


def expect(found, expected):
    assert found == expected, f"got {found!r}, expected {expected!r}"


def result():
    answer = get(f"api/result/{rows()['a.jpg']}")
    expect(answer.status, 200)
    expect(answer.body, (OUTBOX / "a.jpg").read_bytes())
    expect(answer["Content-Type"], "image/jpeg")
    expect(answer["Content-Length"], str(len(answer.body)))
    expect(answer["Accept-Ranges"], "bytes")
    expect(get("api/result/999999").status, 404)
    expect(get("api/result/x").status, 404)
    expect(get("api/result/-1").status, 404)
    failed = get(f"api/result/{rows()['broken.jpg']}")
    expect(failed.status, 404)
    expect(json.loads(failed.body)["error"], "not-done")
    head = raw_http.ask(PAGE, "HEAD", f"/api/result/{rows()['a.jpg']}")
    expect((head.status, head.body, head["Content-Length"]), (200, b"", str(len(answer.body))))


def original():
    answer = get(f"api/original/{rows()['broken.jpg']}")
    expect((answer.status, answer.body), (200, b"no picture"))
    done = get(f"api/original/{rows()['a.jpg']}")
    expect((done.status, done.body), (200, (WORK / "sources/photo-000.jpg").read_bytes()))


def part():
    whole = (OUTBOX / "a.jpg").read_bytes()
    target = f"api/result/{rows()['a.jpg']}"
    for text, begin, end in (("0-0", 0, 1), ("5-9", 5, 10), ("100-", 100, len(whole)), ("-7", len(whole) - 7, len(whole)),
                             ("3-99999999", 3, len(whole))):
        answer = get(target, Range=f"bytes={text}")
        expect((answer.status, answer.body), (206, whole[begin:end]))
        expect(answer["Content-Range"], f"bytes {begin}-{end - 1}/{len(whole)}")
    for text in ("0-1,4-5", "9-3", "x-", "-", ""):
        answer = get(target, Range=f"bytes={text}")
        expect((text, answer.status, answer.body), (text, 200, whole))
    for text in (f"{len(whole)}-", "-0"):
        answer = get(target, Range=f"bytes={text}")
        expect((answer.status, answer["Content-Range"]), (416, f"bytes */{len(whole)}"))
    tag = get(target)["ETag"]
    expect(get(target, Range="bytes=0-3", If_Range=tag).status, 206)
    expect(get(target, Range="bytes=0-3", If_Range='"other"').status, 200)


def cached():
    target = f"api/result/{rows()['a.jpg']}"
    tag = get(target)["ETag"]
    answer = get(target, If_None_Match=tag)
    expect((answer.status, answer.body, answer["ETag"]), (304, b"", tag))
    expect(get(target, If_None_Match=f'"a", W/{tag}').status, 304)
    expect(get(target, If_None_Match='"a"').status, 200)


def names():
    answer = get(f"api/result/{rows()[QUOTED]}")
    expect(answer["Content-Disposition"],
           "attachment; filename=\"Zo_ _2_.jpg\"; filename*=UTF-8''Zo%C3%AB%20%222%22.jpg")


def unpacked():
    answer = get(f"api/drops/{ID}/zip")
    expect(answer.status, 200)
    expect(answer["Content-Type"], "application/zip")
    path = WORK / "drop.zip"
    path.write_bytes(answer.body)
    return answer, path, zipfile.ZipFile(io.BytesIO(answer.body))


def zip():
    answer, path, archive = unpacked()
    expect(answer["Content-Disposition"], "attachment; filename=\"Holiday 2024 - gray.zip\"; "
           "filename*=UTF-8''Holiday%202024%20-%20gray.zip")
    expect(archive.testzip(), None)
    expect(archive.read("Holiday 2024/a (2).jpg"), (OUTBOX / "a.jpg").read_bytes())
    expect({entry.compress_type for entry in archive.infolist()}, {zipfile.ZIP_STORED})
    for command in (["unzip", "-tqq", path], ["7z", "t", "-bso0", path]):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert done.returncode == 0, (command, done.stdout)
    expect(get(f"api/drops/{ID}x/zip").status, 404)
    other = base64.urlsafe_b64encode(b"gray/Nothing").decode().rstrip("=")
    expect(get(f"api/drops/{other}/zip").status, 404)


def zip_names():
    found = sorted(unpacked()[2].namelist())
    folded = {name.lower() for name in found}
    expect(len(folded), len(found))  # no two are one on Windows
    expect(found, ["Holiday 2024/A.jpg", "Holiday 2024/_Problems.txt", "Holiday 2024/a (2).jpg",
                   "Holiday 2024/sub/Zoë _2_.jpg", "Holiday 2024/sub/back_slash.jpg"])


def problems():
    text = unpacked()[2].read("Holiday 2024/_Problems.txt").decode()
    assert "broken.jpg" in text and "What to do" in text and "No longer" not in text, text


def taken():
    answer = get(f"api/result/{rows()['a.jpg']}")
    expect((answer.status, json.loads(answer.body)["error"]), (410, "gone"))


def zip_without_taken():
    archive = unpacked()[2]
    expect(len(archive.namelist()), 4)
    text = archive.read("Holiday 2024/_Problems.txt").decode()
    assert "No longer in the outbox" in text and "gray/Holiday 2024/a.jpg" in text and "broken.jpg" in text, text


def figures():
    answer = get("metrics")
    expect(answer["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
    text = answer.body.decode()
    for line in ('dropmill_queue_files{state="done"} 4', 'dropmill_queue_files{state="failed"} 1', "dropmill_daemon_up 1",
                 "dropmill_share_up 1", "dropmill_paused 0"):
        assert line + "\n" in text, text
    assert "Holiday" not in text


class Stream:
    """Events as they come."""

    def __init__(self, last=None):
        headers = [("Last-Event-ID", str(last))] if last is not None else []
        self.connection = raw_http.connect(PAGE)
        self.connection.sendall(raw_http.request("GET", "/api/events", headers))
        self.file = self.connection.makefile("rb")
        self.head = b"".join(iter(self.file.readline, b"\r\n")).decode()

    def next(self):
        """The next event as (id, kind, data)."""
        event = {}
        while True:
            line = self.file.readline().strip().decode()
            assert line or event or not self.file.closed
            if ": " in line and not line.startswith(":"):
                name, value = line.split(": ", 1)
                event[name] = value
            if "data" in event:
                return int(event["id"]), event["event"], json.loads(event["data"])

    def until(self, kind, drop=None):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            number, found, data = self.next()
            if found == kind and (drop is None or data.get("id") == drop):
                return number
        raise AssertionError(f"no {kind}")

    def close(self):
        self.file.close()
        self.connection.close()


def events():
    stream = Stream()
    assert "text/event-stream" in stream.head and "X-Accel-Buffering: no" in stream.head, stream.head
    photo = (WORK / "sources/photo-001.jpg").read_bytes()
    (SHARE / "inbox/gray/Later").mkdir()
    (SHARE / "inbox/gray/Later/b.jpg").write_bytes(photo)
    later = base64.urlsafe_b64encode(b"gray/Later").decode().rstrip("=")
    first = stream.until("drop", later)
    stream.until("log")
    stream.close()
    again = Stream(first - 1)
    expect(again.next()[0], first)
    again.close()
    for unknown in (3, 1 << 60):
        lost = Stream(unknown)
        expect(lost.next()[1:], ("resync", {}))
        lost.close()


def main():
    result_of = tap.Tap()
    for name in sys.argv[1:]:
        result_of.call(name.replace("_", " "), globals()[name])
    sys.exit(result_of.done())


if __name__ == "__main__":
    main()
