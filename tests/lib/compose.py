# SPDX-License-Identifier: MIT
"""What a compose file says of a service, in the words of `podman run`, one a line; what is not known here is an error.

    compose.py FILE SERVICE

Debian 12's podman-compose (1.0.3) knows no network_mode, and splits a health check's command wrongly.
"""
import os
import re
import sys

import yaml

IGNORED = {"build", "depends_on", "image", "command", "restart"}


def put_in(text):
    """${NAME:-DEFAULT}"""
    return re.sub(r"\$\{(\w+):-(\w*)\}", lambda match: os.environ.get(match[1]) or match[2], str(text))


def volume(text, directory, named):
    source, target = text.split(":")
    if source not in named:
        source = os.path.join(directory, source)
    return f"--volume={source}:{target}"


def words_of(service, directory, named):
    for key, value in service.items():
        if key == "environment":
            yield from (f"--env={name}={put_in(text)}" for name, text in value.items())
        elif key == "volumes":
            yield from (volume(text, directory, named) for text in value)
        elif key in ("security_opt", "cap_drop", "cap_add"):
            yield from (f"--{key.replace('_', '-')}={text.removesuffix(':true')}" for text in value)
        elif key == "network_mode":
            yield f"--network={value}"
        elif key == "shm_size":
            yield f"--shm-size={value}"
        elif key == "healthcheck":
            kind, *command = value["test"]
            assert kind == "CMD"
            yield "--health-cmd=" + " ".join(command)
            yield f"--health-interval={value['interval']}"
        elif key not in IGNORED:
            sys.exit(f"compose.py: '{key}' is not known")


def main():
    path, name = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        whole = yaml.safe_load(file)
    service = whole["services"][name]
    for word in words_of(service, os.path.dirname(os.path.abspath(path)), whole["volumes"]):
        print(word)
    print("localhost/" + service["image"])
    for word in service.get("command", []):
        print(word)


main()
