# SPDX-License-Identifier: MIT
"""Compare dropmill-json(5) with what came out: json_page.py PAGE FOLDER, in which NAME.json are samples of section NAME.

A sample is one object, or one a line. Each member that comes out must stand on the page with its type; each that stands
there must come out in every object, unless it may be absent, and be seen once at least."""
import json
import os
import re
import sys

ALWAYS = ("daemon.running", "daemon.answers")
TYPES = {"text": str, "number": (int, float), "boolean": bool}


def sections(path):
    found, section = {}, None
    with open(path, encoding="utf-8") as page:
        for line in page:
            if line.startswith(".Ss "):
                section = found.setdefault(line[4:].strip(), {})
            item = re.match(r"\.It Va (\S+) , Em (\w+)( , sometimes)?$", line)
            if item:
                assert section is not None and item[1] not in section, f"twice: {line}"
                section[item[1]] = (item[2], item[3] is not None)
    return found


def members(value, name=""):
    """(name, value) of all that is no object and no list; an empty list tells nothing of its elements."""
    if isinstance(value, dict):
        for key, inner in value.items():
            assert "." not in key, f"a dot in '{key}'"
            yield from members(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner, f"{name}[]")
    else:
        yield name, value


def lists(value, name=""):
    """(name, count) of each list, with how often an element of it must come out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from lists(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        yield name, len(value)
        for inner in value:
            yield from lists(inner, f"{name}[]")


def objects(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines()]


def check(section, told, mistakes):
    page, seen = section, set()
    for value in told:
        out = list(members(value))
        counts = {}
        for name, inner in out:
            seen.add(name)
            counts[name] = counts.get(name, 0) + 1
            kind = page.get(name, (None,))[0]
            if kind is None:
                mistakes.append(f"{name} is not on the page")
            elif not isinstance(inner, TYPES[kind]) or (isinstance(inner, bool) and kind != "boolean"):
                mistakes.append(f"{name} is {inner!r}, the page says {kind}")
        elements = {}
        for name, count in lists(value):
            elements[f"{name}[]"] = elements.get(f"{name}[]", 0) + count
        for name, (_, sometimes) in page.items():
            parent = name.rpartition("[]")[0] + "[]" if "[]" in name else None
            wanted = elements.get(parent, 0) if parent else 1
            if name.startswith("daemon.") and name not in ALWAYS and not value["daemon"]["answers"]:
                wanted = 0
            if not sometimes and counts.get(name, 0) < wanted:
                mistakes.append(f"{name} is on the page and does not come out")
    return mistakes, set(page) - seen


def main(page, folder):
    mistakes = []
    pages = sections(page)
    samples = {}
    for file in sorted(os.listdir(folder)):
        samples.setdefault(file.split(".")[0].replace("_", " "), []).extend(objects(f"{folder}/{file}"))
    for name in sorted(set(pages) | set(samples)):
        if name not in samples or name not in pages:
            mistakes.append(f"{name}: is on the page, or comes out, and not the other")
            continue
        wrong, unseen = check(pages[name], samples[name], [])
        mistakes += [f"{name}: {line}" for line in wrong]
        mistakes += [f"{name}: {member} was never seen" for member in sorted(unseen)]
    for line in sorted(set(mistakes)):
        print("#", line)
    return 1 if mistakes else 0


sys.exit(main(sys.argv[1], sys.argv[2]))
