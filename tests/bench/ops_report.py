# SPDX-License-Identifier: MIT
"""What bench_ops.py found, as Markdown, and the bars that it is held to."""
import commands
import memory
import rounds
from report import bar, table, turns

FLOOR, OURS, ALONE = "floor", "dropmill", "pipeline alone"
MEMORY_MB = 250

# What is measured, and what dropmill may take, all in: times the floor, or milliseconds of CPU.
BARS = {
    ("12 MP", "copy"): 1.10,
    ("1 MP", "copy"): 1.25,
    ("12 MP", "invert"): 1.15,
    ("12 MP", "brighten"): 1.15,
    ("12 MP", "blur-k5"): 1.4,
    ("12 MP", "median-3"): 1.4,
    ("12 MP", "sharpen"): 1.4,
    ("12 MP", "open-5"): 1.4,
    ("12 MP", "edges-100-200"): 2.2,
    ("12 MP", "rotate-30-keep"): 2.2,
    ("12 MP", "clahe"): 2.2,
    ("12 MP", "resize-400"): "22 ms",
    ("1 MP", "resize-400"): "5 ms",
}

EXPLANATION = f"""\
JPEGs of 4000 x 3000 and 1200 x 900, quality 88, chroma 4:2:0, half of them drawn, half photographs
from Debian's wallpapers; results have quality 85. **CPU milliseconds an image** are user and system
time of all processes that take part; in brackets: times the floor. The floor decodes the JPEG into
rows and encodes them again with libjpeg-turbo, in process, and does nothing else; not even reading
and writing the file counts. dropmill is the whole of it: daemon, ledger, MPI, worker, publication.
"{ALONE}" is its worker's pipeline in a loop. A thumbnail has no such floor.

The work is the same where a number stands, with these liberties of the peers: sharp, vips and the
two Magicks blur with a Gaussian of sigma 1.1 (the 5 x 5 one), sharp and the Magicks rotate onto a
larger canvas and cut it, all shrink with their own kernel. Where they have nothing that does the
same: "-" (why: commands.py).
"""


def work(key):
    return f"{key[1]}, {key[0]}"


def cpu(case, name):
    if name not in case:
        return "-"
    text = f"{rounds.middle(case, name, rounds.cpu_ms):.1f}"
    if FLOOR in case:
        text += f" ({rounds.ratio(case, name, FLOOR, rounds.cpu_ms):.2f})"
    return text


def speed(case, name):
    return f"{rounds.middle(case, name, rounds.images_per_second):.1f}" if name in case else "-"


def peak(case, name):
    return f"{rounds.middle(case, name, lambda run: run.peak_mb):.0f}" if name in case else "-"


def by_work(runs, names, cell):
    """A row a case, a column a contender."""
    return table(["", *names],
                 [[work(key), *(cell(case, name) for name in names)] for key, case in runs.items()])


def program_cpu(case, program):
    """Milliseconds of CPU an image of one of dropmill's programs."""
    return f"{rounds.middle(case, OURS, lambda run: 1000 * run.drop.cpu[program] / run.count):.2f}"


def programs(runs):
    """Where dropmill's CPU time goes; the kernel cuts names to 15 bytes."""
    ours = {key: case for key, case in runs.items() if OURS in case}
    names = sorted({name for case in ours.values() for run in case[OURS].values()
                    for name in run.drop.cpu})
    return table(["", *names], [[work(key), *(program_cpu(case, name) for name in names)]
                                for key, case in ours.items()])


# ---- bars

def best_peer(case):
    """Who takes the least CPU time of those that are not ours; None if nobody can do it."""
    peers = [name for name in case if name not in (FLOOR, OURS, ALONE)]
    return min(peers, key=lambda name: rounds.middle(case, name, rounds.cpu_ms), default=None)


def against_best(case):
    peer = best_peer(case)
    if peer is None:
        return "no peer"
    return f"{peer} takes {rounds.ratio(case, peer, OURS, rounds.cpu_ms):.2f} times as much"


def operation_bar(key, case):
    limit = BARS[key]
    if isinstance(limit, str):
        ours, most, unit = rounds.middle(case, OURS, rounds.cpu_ms), float(limit.split()[0]), " ms"
    else:
        ours, most, unit = rounds.ratio(case, OURS, FLOOR, rounds.cpu_ms), limit, " of the floor"
    return bar(f"{work(key)}: <= {most:g}{unit}", ours <= most,
               f"{ours:.2f}{unit}; {against_best(case)}")


def memory_bar(day):
    levels = ", ".join(f"{mb:.0f}" for mb in day.after_mb)
    part = day.files // len(day.after_mb)
    return bar(f"memory of the worker, {memory.THREADS} threads, {day.files:,} mixed files:"
               f" <= {MEMORY_MB} MB", day.peak_mb <= MEMORY_MB,
               f"{day.peak_mb:.0f} MB at most, {levels} MB after each {part} of them"
               f" (in {day.seconds:.0f} s)")


def bars(runs, day):
    lines = [operation_bar(key, case) for key, case in runs.items() if OURS in case]
    return [*lines, *([memory_bar(day)] if day else []), ""]


# ---- how to run it

def how_to_run(runs):
    operations = dict.fromkeys(operation for _, operation in runs)
    rows = ["* all of this: `make bench-ops`, a part of it: `make bench-ops BENCH_ARGS=\"--only"
            " 'copy|invert' --who 'dropmill|OpenCV' --no-memory\"`",
            "* floor, pipeline alone: `build/release/tests/bench/floor CORES OPERATION OUTDIR"
            " FILE...`, `.../pipeline_pool`: a thread a core",
            "* dropmill: as in results.md: `dropmilld` with default settings, its job warm",
            "* sharp: `tests/bench/peer_sharp.cjs`: `UV_THREADPOOL_SIZE` is the number of cores,"
            " one thread an image (sharp's default here), no cache",
            "* OpenCV: `tests/bench/peer_opencv.py`: a single-threaded process a core; thumbnails"
            " from a picture that the decoder shrank",
            "* the others: `xargs -P CORES` of a process a file, one thread each, `{here}` being"
            " tests/bench and ~ a blank:"]
    for name, of in (("vips", commands.VIPS), ("ImageMagick", commands.IMAGEMAGICK),
                     ("GraphicsMagick", commands.GRAPHICSMAGICK)):
        rows += [f"    * {name}: `{of[operation]}`" for operation in operations if operation in of]
    rows.append(f"* memory: {', '.join(memory.CHAINS)} over JPEG, progressive JPEG, PNG, WebP and"
                " TIFF of 1 MP and JPEG of 12 MP (one in ten); what the kernel calls VmHWM and"
                " VmRSS")
    return [*rows, ""]


def write(machine, sets, runs, long_s, names, day):
    text = ["# Results of `make bench-ops`", "", *(f"* {line}" for line in machine),
            *turns(sets, runs, long_s), EXPLANATION,
            "## CPU milliseconds an image (times the floor)", "", *by_work(runs, names, cpu),
            "## Bars", "", *bars(runs, day),
            "## Images a second", "", *by_work(runs, names, speed),
            "## dropmill's CPU milliseconds an image, by program", "", *programs(runs),
            "## MB held at most, all processes (what they share counts for each)", "",
            *by_work(runs, names, peak),
            "## Commands", "", *how_to_run(runs)]
    return "\n".join(text)
