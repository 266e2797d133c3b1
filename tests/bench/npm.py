# SPDX-License-Identifier: MIT
"""Peers from npm, of fixed versions, into the build directory."""
import os
import subprocess

import machine

VERSIONS = {"sharp": "0.35.5", "chokidar": "4.0.3"}  # chokidar 5 wants a node later than 20


def install(directory, *names):
    """Their node_modules, or None, and a line that says which."""
    packages = [f"{name}@{VERSIONS[name]}" for name in names]
    folder = os.path.join(directory, "-".join(packages).replace("@", "-"))
    try:
        if not all(os.path.exists(f"{folder}/node_modules/{name}") for name in names):
            os.makedirs(folder, exist_ok=True)
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix",
                            folder, *packages], check=True)
        node = machine.first_line("node", "--version")
        which = ", ".join(f"{name} {VERSIONS[name]}" for name in names)
        return f"{folder}/node_modules", f"{which} (npm) on node {node}"
    except (OSError, subprocess.CalledProcessError) as error:
        return None, f"no {', '.join(names)}: they want node 20 and npm ({error})"
