# SPDX-License-Identifier: MIT
"""Draws a Grafana dashboard from its JSON and from what Prometheus answered: as SVG, which Chromium makes a picture of.

Laid out by gridPos in Grafana's measures (24 columns, 38 px a row), in its colours; of its panels as much as the
dashboard uses: row, stat, timeseries (lines, stacks, bars, logarithms, thresholds, legends, units, mappings).
"""
import datetime
import html
import math
import os
import subprocess
import tempfile

from PIL import Image

WIDTH, ROW_PX, GAP = 1600, 38, 8
COLUMN_PX = (WIDTH - GAP) / 24
INK, SOFT, GRID, CARD, BACK, EDGE = "#ccccdc", "#9a9aa8", "#2a2d33", "#181b1f", "#111217", "#2a2d33"
NAMED = {"green": "#56a64b", "red": "#e02f44", "orange": "#ff780a", "blue": "#5794f2", "yellow": "#f2cc0c",
         "purple": "#b877d9", "transparent": "none"}
CLASSIC = ("#7eb26d", "#eab839", "#6ed0e0", "#ef843c", "#e24d42", "#5794f2", "#ba43a9", "#9f8fef", "#508642", "#cca300",
           "#447ebc", "#c15c17")
SUFFIXES = {"Bps": "B/s", "bytes": "B", "ops": "/s", "reqps": "/s", "s": "s"}


# ---- words

def scaled(value, base, names):
    step = 0
    while abs(value) >= base and step < len(names) - 1:
        value, step = value / base, step + 1
    return value, names[step]


def digits(value, decimals=None):
    if decimals is None:
        decimals = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def worded(value, unit, decimals=None):
    """@value as Grafana writes it."""
    if unit == "percentunit":
        return f"{digits(100 * value, decimals)}%"
    if unit in ("bytes", "Bps"):
        value, name = scaled(value, 1024, ("", "Ki", "Mi", "Gi", "Ti"))
        return f"{digits(value, decimals)} {name}{SUFFIXES[unit]}"
    if unit == "s":
        for name, least in (("day", 86400), ("hour", 7200), ("min", 120), ("s", 1)):
            if abs(value) >= least or name == "s" and value == 0:
                return f"{digits(value / {'hour': 3600, 'min': 60}.get(name, least), decimals)} {name}"
        return f"{digits(value * 1000)} ms"
    value, name = scaled(value, 1000, ("", "K", "Mil", "Bil"))
    return f"{digits(value, decimals)}{' ' if name else ''}{name}{SUFFIXES.get(unit, '')}"


def text(x, y, words, size=12, colour=INK, anchor="start", weight=400):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{html.escape(words)}</text>')


def legend_of(target, labels):
    words = target.get("legendFormat", "")
    for name, value in labels.items():
        words = words.replace("{{" + name + "}}", value)
    return words


def key_of(target):
    """By what its answer is found: a query may be asked for now, and over time."""
    return ("now: " if target.get("instant") else "") + target["expr"]


# ---- panels

def threshold_colour(thresholds, value):
    colour = "green"
    for step in thresholds["steps"]:
        if step["value"] is None or value >= step["value"]:
            colour = step["color"]
    return NAMED[colour]


def stat(panel, box, data):
    x, y, w, h = box
    field = panel["fieldConfig"]["defaults"]
    series = data["series"][key_of(panel["targets"][0])]
    if not series:
        words, colour = "No data", "#555"
    else:
        value = float(series[0]["value"][1])
        words, colour = worded(value, field["unit"], field.get("decimals")), threshold_colour(field["thresholds"], value)
        for mapping in field["mappings"]:
            found = mapping["options"].get(f"{value:g}")
            if found:
                words, colour = found["text"], NAMED[found["color"]]
    return (f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="2" fill="{colour}"/>'
            + text(x + 10, y + 22, panel["title"], 14, "#fff", weight=500)
            + text(x + w / 2, y + h / 2 + 24, words, 34, "#fff", "middle", 600))


def lines_of(panel, data):
    """(name, colour, {time: value}) of each series."""
    fixed = {over["matcher"]["options"]: prop["value"]["fixedColor"]
             for over in panel["fieldConfig"]["overrides"] for prop in over["properties"]}
    found = []
    for target in panel["targets"]:
        for one in data["series"][key_of(target)]:
            name = legend_of(target, one["metric"])
            values = {t: float(v) for t, v in one["values"]}
            found.append((name, {t: v for t, v in values.items() if math.isfinite(v)}))
    found.sort(key=lambda line: line[0])
    return [(name, NAMED[fixed[name]] if name in fixed else CLASSIC[i % len(CLASSIC)], values)
            for i, (name, values) in enumerate(found)]


TIMES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 43200,
         86400)


def step_of(rough, high, unit):
    """A step near @rough that reads well in @unit, for what goes up to @high."""
    if unit == "s":
        return next((step for step in TIMES if step >= rough), 7 * 86400)
    scale = 1
    while unit in ("bytes", "Bps") and high >= 1024 * scale:
        scale *= 1024
    power = 10 ** math.floor(math.log10(rough / scale))
    return scale * next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough / scale)


def ticks_of(scale, unit):
    low, high = scale.low, scale.high
    if scale.log:
        return [10.0 ** e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
                if low <= 10.0 ** e <= high]
    step = step_of((high - low) / 4, high, unit)
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step + 1e-9) + 1)]


class Scale:
    """From times and values to the picture."""

    def __init__(self, box, data, low, high, log):
        self.x, self.y, self.w, self.h = box
        self.since, self.until = data["since"], data["until"]
        self.low, self.high, self.log = low, high, log

    def at(self, time):
        return self.x + self.w * (time - self.since) / (self.until - self.since)

    def up(self, value):
        if self.log:
            value = max(value, self.low)
            share = (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.y + self.h * (1 - min(1.02, max(0, share)))


def range_of(lines, custom, field):
    log = custom.get("scaleDistribution", {}).get("type") == "log"
    stacked = custom["stacking"]["mode"] == "normal"
    values = [v for _, _, line in lines for v in line.values() if v > 0 or not log]
    if stacked:
        times = {t for _, _, line in lines for t in line}
        values = [sum(line.get(t, 0) for _, _, line in lines) for t in times]
    high = max(values, default=1) or 1
    if custom.get("thresholdsStyle"):
        limit = field["thresholds"]["steps"][-1]["value"]
        high = max(high, limit) if limit < 3 * high else high
    if log:
        return 10 ** math.floor(math.log10(min(values, default=0.01))), 10 ** math.ceil(math.log10(high)), True
    return 0, high * 1.08, False


def axes(scale, unit):
    out = []
    for tick in ticks_of(scale, unit):
        y = scale.up(tick)
        out.append(f'<line x1="{scale.x}" x2="{scale.x + scale.w}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
        out.append(text(scale.x - 6, y + 4, worded(tick, unit), 12, SOFT, "end"))
    minute = 60 * max(1, round((scale.until - scale.since) / 60 / (scale.w / 90)))
    time = math.ceil(scale.since / minute) * minute
    while time < scale.until:
        x = scale.at(time)
        out.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{scale.y}" y2="{scale.y + scale.h}" stroke="{GRID}"/>')
        out.append(text(x, scale.y + scale.h + 16, datetime.datetime.fromtimestamp(time).strftime("%H:%M"), 12, SOFT, "middle"))
        time += minute
    return "".join(out)


def runs_of(values, step):
    """Where nothing was measured a line has a gap."""
    run = []
    for time in sorted(values):
        if run and time - run[-1] > 1.5 * step:
            yield run
            run = []
        run.append(time)
    if run:
        yield run


def curve(scale, values, floor, colour, custom, step):
    out = []
    for run in runs_of(values, step):
        top = [(scale.at(t), scale.up(floor.get(t, 0) + values[t])) for t in run]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in top)
        if len(top) == 1:
            out.append(f'<circle cx="{top[0][0]:.1f}" cy="{top[0][1]:.1f}" r="2" fill="{colour}"/>')
        if custom["fillOpacity"]:
            bottom = " ".join(f"{scale.at(t):.1f},{scale.up(floor.get(t, 0) if floor else scale.low):.1f}" for t in reversed(run))
            out.append(f'<polygon points="{points} {bottom}" fill="{colour}" fill-opacity="{custom["fillOpacity"] / 100}"/>')
        out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{custom["lineWidth"]}"/>')
    return "".join(out)


def bars(scale, values, floor, colour, step):
    width = max(1.5, scale.w * step / (scale.until - scale.since) * 0.8)
    out = []
    for time, value in values.items():
        low, high = scale.up(floor.get(time, 0)), scale.up(floor.get(time, 0) + value)
        out.append(f'<rect x="{scale.at(time) - width / 2:.1f}" y="{high:.1f}" width="{width:.1f}" height="{low - high:.1f}" fill="{colour}"/>')
    return "".join(out)


def legend(lines, box):
    x, y, w, h = box
    at, out = x + 12, []
    for name, colour, _ in lines:
        wide = 26 + 7.6 * len(name)
        if at + wide > x + w:
            break
        out.append(f'<rect x="{at:.1f}" y="{y + h - 16}" width="14" height="4" rx="2" fill="{colour}"/>')
        out.append(text(at + 19, y + h - 10, name, 12))
        at += wide
    return "".join(out)


def timeseries(panel, box, data):
    x, y, w, h = box
    field = panel["fieldConfig"]["defaults"]
    custom = field["custom"]
    out = [f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="2" fill="{CARD}" stroke="{EDGE}"/>',
           text(x + 10, y + 22, panel["title"], 14, weight=500)]
    lines = lines_of(panel, data)
    if not lines:
        return "".join(out) + text(x + w / 2, y + h / 2, "No data", 14, SOFT, "middle")
    scale = Scale((x + 74, y + 36, w - 90, h - 84), data, *range_of(lines, custom, field))
    out.append(axes(scale, field["unit"]))
    if custom.get("thresholdsStyle") and scale.low < field["thresholds"]["steps"][-1]["value"] < scale.high:
        limit = scale.up(field["thresholds"]["steps"][-1]["value"])
        out.append(f'<line x1="{scale.x}" x2="{scale.x + scale.w}" y1="{limit:.1f}" y2="{limit:.1f}" stroke="{NAMED["red"]}"/>')
    floor = {}
    for _, colour, values in lines:
        if custom["drawStyle"] == "bars":
            out.append(bars(scale, values, floor, colour, data["step"]))
        else:
            out.append(curve(scale, values, floor, colour, custom, data["step"]))
        if custom["stacking"]["mode"] == "normal":
            floor = {t: floor.get(t, 0) + values.get(t, 0) for t in set(floor) | set(values)}
    return "".join(out) + legend(lines, box)


def row(panel, box, data):
    del data
    return text(box[0] + 4, box[1] + 20, "⌄  " + panel["title"], 16, INK, weight=500)


PANELS = {"row": row, "stat": stat, "timeseries": timeseries}


def draw(dashboard, data, png):
    """Write @png: at most 256 colours, which is small and not seen."""
    bottom = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in dashboard["panels"])
    height = bottom * ROW_PX + GAP
    parts = []
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        box = (round(GAP + at["x"] * COLUMN_PX), GAP + at["y"] * ROW_PX, round(at["w"] * COLUMN_PX - GAP), at["h"] * ROW_PX - GAP)
        parts.append(PANELS[panel["type"]](panel, box, data))
    with tempfile.TemporaryDirectory(prefix="dmg.", dir="/tmp") as work:
        with open(f"{work}/dashboard.html", "w", encoding="utf-8") as page:
            page.write(f'<!DOCTYPE html><meta charset="utf-8"><style>body {{ margin: 0; background: {BACK} }} svg {{ display: block; '
                       f'font-family: Inter, Cantarell, "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums }}</style>'
                       f'<svg width="{WIDTH}" height="{height}">{"".join(parts)}</svg>')
        subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={work}/c",
                        f"--window-size={WIDTH},{height}", f"--screenshot={work}/shot.png", f"file://{work}/dashboard.html"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        Image.open(f"{work}/shot.png").convert("RGB").quantize(96, dither=Image.Dither.NONE).save(png, optimize=True)
    print(f"{png}: {os.path.getsize(png)} bytes")
