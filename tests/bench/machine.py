# SPDX-License-Identifier: MIT
"""What a benchmark ran on, in words."""
import os
import platform
import subprocess

CORES = len(os.sched_getaffinity(0))


def first_line(*command):
    try:
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return out.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return models[0] if models else platform.machine()


def package(name):
    return name + " " + first_line("dpkg-query", "-W", "-f", "${Version}", name)


def describe(*packages):
    """Lines. To be taken before the measurements: the load should be others' only."""
    with open("/proc/meminfo", encoding="utf-8") as file:
        memory = int(file.readline().split()[1]) / (1 << 20)
    packages = ("libvips42", "libjpeg62-turbo", "openmpi-bin", "imagemagick", "python3-opencv",
                *packages)
    return [
        f"{processor()}, {CORES} cores, {memory:.0f} GB; Linux {platform.release()},"
        f" {first_line('findmnt', '-no', 'FSTYPE', '-T', '/tmp')}",
        f"load at the start: {os.getloadavg()[0]:.2f}",
        "commit " + first_line("git", "describe", "--always", "--dirty"),
        ", ".join(map(package, packages)),
    ]
