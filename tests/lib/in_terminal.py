# SPDX-License-Identifier: MIT
"""Run a program on a terminal of its own, type into it, and print what it then shows that fits a pattern.

    in_terminal.py PATTERN KEYS PROGRAM [ARGUMENT...]
"""
import os
import pty
import re
import select
import sys
import time

DEADLINE_S = 20


def main():
    pattern, keys, program = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3:]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(program[0], program)
    end, shown, typed = time.monotonic() + DEADLINE_S, b"", False
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.5)[0]:
            if not typed:  # it has drawn its prompt
                os.write(terminal, keys)
                typed = True
            continue
        try:
            shown += os.read(terminal, 4096)
        except OSError:
            break  # it has ended
        found = re.findall(pattern, shown) if typed else []
        if found:
            print(found[-1].decode())
            os.kill(child, 9)
            return
    sys.exit(f"nothing like {pattern.decode()} was shown: {shown!r}")


main()
