#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Misbehaving servers, each a file of tests/e2e/s3_faults that is named after what it does:

COMMAND  what s3_driver is told (@SECOND: the other port)
ENVIRONMENT  (optional) what is set in its environment
EXPECT   what the first line it prints begins with, and CONTAINS (optional): what is in what it prints
serve    answers a request (tests/lib/s3_fake.py)
check    (optional) of the fake, afterwards: a complaint or None
"""
import importlib.util
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import s3_fake
import tap


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(fault):
    fake = s3_fake.Fake(fault.serve)
    command = [word.replace("@SECOND", str(fake.ports[1])) for word in fault.COMMAND]
    words = [f"endpoint=http://127.0.0.1:{fake.ports[0]}", "key=ID", "secret=s3cr3t", "stall=2", *command]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    for name, value in getattr(fault, "ENVIRONMENT", {}).items():
        environment[name] = value.replace("@SECOND", str(fake.ports[1]))
    done = subprocess.run([f"{os.environ['BUILD']}/tests/e2e/s3_driver", *words], env=environment, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    text = done.stdout.decode(errors="replace")
    assert done.returncode == 0, text + done.stderr.decode(errors="replace")
    assert text.startswith(fault.EXPECT), f"expected {fault.EXPECT!r}, got {text!r}"
    assert getattr(fault, "CONTAINS", "") in text, text
    assert b"s3cr3t" not in done.stdout + done.stderr, text
    complaint = getattr(fault, "check", lambda fake: None)(fake)
    assert not complaint, complaint


def main():
    result = tap.Tap()
    for path in sorted((HERE / "s3_faults").glob("*.py")):
        result.call(path.stem.replace("_", " "), run, load(path))
    sys.exit(result.done())


if __name__ == "__main__":
    main()
