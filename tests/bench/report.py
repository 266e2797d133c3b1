# SPDX-License-Identifier: MIT
"""What bench.py found, as Markdown."""
import commands
import rounds
from machine import CORES
from rounds import median

BARE, OURS = "bare loop", "dropmill"
END_TO_END, LATENCY_MS, IDLE_PERCENT = 0.80, 150, 1.0  # the bars

# ---- numbers

def percentile(values, percent):
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def ratio(case, name, other):
    """Throughput of @name against @other."""
    return rounds.ratio(case, name, other, rounds.images_per_second)


def best_peer(case):
    """Who is fastest of those that are neither the yardstick nor dropmill; None if nobody is."""
    peers = [name for name in case if name != BARE and not name.startswith(OURS)]
    return max(peers, key=lambda name: ratio(case, name, OURS), default=None)


def images_per_second(case, name):
    speed = rounds.middle(case, name, rounds.images_per_second)
    return f"{speed:.1f} ({ratio(case, name, BARE):.2f})"


def cpu_ms(case, name):
    return f"{rounds.middle(case, name, rounds.cpu_ms):.1f}"


def result_kb(case, name):
    return f"{rounds.middle(case, name, lambda run: run.bytes / run.count / 1000):.0f}"


# ---- where dropmill's time goes

def busy_percent(drop):
    window = drop.facts["computed"][-1] - drop.facts["dispatched"][0]
    return 100 * sum(drop.elapsed) / window / CORES


def milliseconds(drop, since, until):
    """From the first @since to the last @until, facts of the ledger."""
    begin = drop.began if since == "drop" else drop.facts[since][0]
    return 1000 * (drop.facts[until][-1] - begin)


def cpu_of(drop, program):
    return 1000 * drop.cpu[program] / len(drop.elapsed)


PHASES = {
    "drop to first ready, ms": lambda drop: 1000 * (drop.facts["settled"][0] - drop.began),
    "first ready to first sent, ms":
        lambda drop: 1000 * (drop.facts["dispatched"][0] - drop.facts["settled"][0]),
    "first sent to last computed, ms": lambda drop: milliseconds(drop, "dispatched", "computed"),
    "... and the threads busy in it, %": busy_percent,
    "last computed to last published, ms":
        lambda drop: 1000 * (drop.facts["published"][-1] - drop.facts["computed"][-1]),
    "drop to last published, ms": lambda drop: milliseconds(drop, "drop", "published"),
    "CPU of the daemon, ms an image": lambda drop: cpu_of(drop, "dropmilld"),
    "CPU of mpirun, ms an image": lambda drop: cpu_of(drop, "mpirun"),
    "last published to all retired, ms":
        lambda drop: 1000 * (drop.facts["retired"][-1] - drop.facts["published"][-1]),
}


def phase(case, name):
    value = median(PHASES[name](run.drop) for run in case[OURS].values())
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


# ---- tables

def table(head, rows):
    """The first column has names, the others numbers."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines] + [""]


def by_contender(runs, names, cell):
    """A row a name, a column a case."""
    return table(["", *map(", ".join, runs)],
                 [[name, *(cell(case, name) for case in runs.values())] for name in names])


def bar(what, good, found):
    return f"* {'met' if good else '**missed**'}: {what}: {found}"


def end_to_end_bar(photos, operation, case):
    ours, peer = ratio(case, OURS, BARE), best_peer(case)
    ahead = ratio(case, OURS, peer) if peer else float("inf")
    least = END_TO_END if photos == "12 MP" else 0
    what = f">= {least:.2f} of the bare loop, and " if least else ""
    return bar(f"{photos}, {operation}: {what}faster than every peer", ours >= least and ahead > 1,
               f"{ours:.2f} of the bare loop, {ahead:.2f} of {peer}")


def bars(runs, latencies, idle):
    lines = [end_to_end_bar(*key, case) for key, case in runs.items() if OURS in case]
    lines.append(bar(f"one at a time, warm, ready to published: < {LATENCY_MS} ms",
                     percentile(latencies, 99) < LATENCY_MS,
                     f"median {median(latencies):.1f} ms, 99th percentile of {len(latencies)}"
                     f" {percentile(latencies, 99):.1f} ms"))
    lines.append(bar(f"idle with a warm job: < {IDLE_PERCENT:.0f} % of a core",
                     idle.percent < IDLE_PERCENT,
                     f"{idle.percent:.2f} % over {idle.seconds} s (daemon, mpirun and ranks)"))
    return [*lines, ""]


def how_to_run(build, operations):
    """What each contender ran, so that anybody can run it."""
    rows = [f"* bare loop: `{build}/tests/bench/bare_pool CORES OPERATION OUTDIR FILE...`: one"
            " process, a thread a core, stock libvips with its concurrency at 1 and its cache off",
            "* dropmill: `dropmilld` with default settings, but settling in 100 and 300 ms; the job"
            " is up and has done one image; the folder appears in the inbox by one rename",
            "* OpenCV: `tests/bench/peer_opencv.py CORES OPERATION OUTDIR FILE...`, processes up"]
    for name, set_of in (("vips", commands.VIPS), ("ImageMagick", commands.IMAGEMAGICK)):
        rows += [f"* {name}: `xargs -P CORES` of `{set_of[operation]}`, one thread each"
                 for operation in operations]
    return [*rows, ""]


EXPLANATION = """\
JPEGs of 4000 x 3000 and 1200 x 900, quality 88, chroma 4:2:0; results have quality 85. The bare
loop, OpenCV and the job of dropmill are warm; files are in the page cache. A file must first prove
to be finished; the others have nothing like it. So dropmill's time runs from the moment the first
file is **ready** until the last result is **published** (both from its ledger), and includes the
ledger, MPI, and the publication under final names. What settling adds is in the table further down.

The work is the same but for two: the median of libvips (the bare loop, vips) is a slow one for any
rank, so OpenCV is the measure there; and dropmill resizes with Lanczos3 both ways, libvips shrinks
with Lanczos3 and enlarges with a bicubic filter, OpenCV has INTER_AREA and INTER_CUBIC.
"""


def turns(sets, runs, long_s):
    """How many rounds of what there were, and how quiet it was."""
    all_runs = [case[name] for case in runs.values() for name in case]
    others = [run.others for by_round in all_runs for run in by_round.values()]
    return [f"* photos: {', '.join(sorted(set(sets)))}; rounds: {max(map(len, all_runs))}, medians"
            f" of them (who would take over {long_s} s has one)",
            f"* time of the cores that others took meanwhile: median {100 * median(others):.0f} %,"
            f" at most {100 * max(others):.0f} %", ""]


def write(machine, sets, runs, long_s, latencies, idle, engine):
    names = next(iter(runs.values()))
    text = ["# Results of `make bench`", "", *(f"* {line}" for line in machine),
            *turns(sets, runs, long_s), EXPLANATION,
            "## Images a second (and against the bare loop, which is 1)", "",
            *by_contender(runs, names, images_per_second),
            "## Bars", "", *bars(runs, latencies, idle),
            "## CPU milliseconds an image, all processes", "", *by_contender(runs, names, cpu_ms),
            "## Where dropmill's time goes", ""]
    if OURS in names:
        text += by_contender(runs, PHASES, phase)
    text += ["## Kilobytes a result", "", *by_contender(runs, names, result_kb)]
    if engine:
        text += ["## The engine alone, without images (tests/bench/engine.py)", "",
                 *(f"* {line}" for line in engine), ""]
    operations = dict.fromkeys(operation for _, operation in runs)
    return "\n".join([*text, "## Commands", "", *how_to_run("build/release", operations)])
