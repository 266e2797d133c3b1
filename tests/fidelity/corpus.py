#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Compares every tag that exiftool and exiv2 read before and after, over a corpus of pictures, and says what changed.

usage: corpus.py DROPMILL OUT [--table FILE] [--chains a,b,...] [--most N] [--validate] PICTURES...

Each difference is a correction (a row of CORRECTIONS, or of CODING: how pixels are stored), or was said in a
remark, or is silent. Prints the silent ones; exit 1 when there are any.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys

CHAINS = ("copy_jpeg-80", "rotate-90", "resize-50pct", "png", "webp", "tiff")

# Groups that tell of the file, of the coding of its pixels, or of what exiftool reckons out of other tags.
CODING_GROUPS = re.compile(r"^(SourceFile|ExifTool|System|Composite|JFIF|Adobe|APP14|RIFF|VP8|VP8L|GIF|PNG-pHYs|"
                           r"PNG-cHRM|PNG-cICP|ICC-header|MPF\d*|MPImage\d*|JFXX|SubIFD\d*|IFD[2-9]|IFD1|PreviewIFD|TIFF|"
                           r"QuickTime|HEVC|MPFIFD|Trailer|Exif\.(Thumbnail|Image\d|Sub(Image|Thumb)\d))$")
# Tags that say how a file stores its samples.
CODING = re.compile(r"^(Image(Width|Height|Length)|(NewSubfileType|ExifTag|GPSTag|XMLPacket|ImageResources|"
                    r"InterColorProfile|SubIFDs|IPTCNAA)|BitDepth|ColorType|Compression|Filter|Interlace|BitsPerSample|"
                    r"PhotometricInterpretation|Strip(Offsets|ByteCounts)|RowsPerStrip|SamplesPerPixel|"
                    r"PlanarConfiguration|Predictor|Tile(Width|Length|Offsets|ByteCounts)|ExtraSamples|SampleFormat|"
                    r"ColorMap|FillOrder|T[46]Options|YCbCr\w+|SubfileType|OldSubfileType|JPEG\w+|ReferenceBlackWhite|"
                    r"InkSet|NumberOfInks|InkNames|DotRange|Palette|Transparency|BackgroundColor|SignificantBits|"
                    r"SRGBRendering|Gamma|WhitePoint[XY]|(Red|Green|Blue)[XY]|ProfileName|GrayResponse\w+|"
                    r"M(in|ax)SampleValue|Free(Offsets|ByteCounts)|Threshholding|TransferFunction|PixelUnits|"
                    r"PixelsPerUnit[XY]|Thresholding|AnimationFrames|AnimationPlays|PageCount|SMin\w+|SMax\w+|"
                    r"ConsecutiveBadFaxLines|BadFaxLines|CleanFaxData|HalftoneHints|CMYKEquivalent|Cell(Width|Length)|"
                    r"PreviewImageStart|OriginalDecisionDataOffset|OtherImage\w*|PreviewImageLength|Decode|Matteing|"
                    r"File(Type|TypeExtension)|MIMEType|ColorComponents|EncodingProcess|ExifByteOrder|CurrentIPTCDigest|"
                    r"PrimaryItemReference|MetaImageSize)$")  # counted from the beginning of the file
# What the table of corrections (mpi_worker/meta/corrections.c) sets right.
CORRECTIONS = re.compile(r"^(Orientation|ExifImage(Width|Height)|Image(Width|Height)|RelatedImage(Width|Height|Length)|Pixel[XY]Dimension|"
                         r"Thumbnail\w*|ThumbnailImage|PhotoshopThumbnail|Preview(Image)?|[XY]Resolution|"
                         r"ResolutionUnit|DisplayedUnits[XY]|Region\w*|RegionInfo\w*|RegionInfoMP\w*|Subject(Area|Location)|"
                         r"ColorSpace|InteropIndex|ICCProfileName|Format|format|HasExtendedXMP|Directory\w*|MotionPhoto\w*|"
                         r"MicroVideo\w*|HDRGainMap\w*|PixelScale|ModelTiePoint|ModelTransform|XMPToolkit)$")
# What a remark says is left out -> the groups that may then be missing.
SAID = (("EXIF left out", r"IFD0|ExifIFD|GPS|InteropIFD|IFD1|MakerNotes|.*"),
        ("XMP", r"XMP.*"), ("IPTC and Photoshop", r"IPTC.*|Photoshop|File"), ("texts", r"PNG.*"), ("a damaged text", r"PNG.*"), ("comments", r"File"),
        ("EXIF over 64 KB", r".*"), ("BigTIFF", r".*"), ("cannot be read", r".*"),
        ("colour profile", r"ICC.*"), ("converted to", r"ICC.*|IFD0"), ("profile", r"ICC.*|PNG"), ("CMYK", r"ICC.*"),
        ("' left out of the", r"(?!IFD|Exif|GPS|IPTC|XMP|ICC|PNG).*"), ("'tIME'", "PNG"), ("'oFFs'", "PNG"), ("'tEXt'", "PNG"), ("'http", r"XMP.*"),
        ("behind the picture", r".*"), ("film", r"Samsung|QuickTime|Track\d|.*"), ("gain map", r"MP.*|XMP.*"),
        ("further pictures", r"MP.*"), ("only fits the pixels", r"PNG.*"), ("layers", r"IFD0|Photoshop"),
        ("georeference", r"GeoTiff|IFD0"), ("shows the picture as it was", r"APP\d+|FLIR|FPXR|File|IFD0|ExifIFD|Exif.*"), ("only the first of", r".*"), ("reduced copies", r".*"))


def at_once(function, paths):
    """path -> what @function says of it."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(paths, pool.map(function, paths)))


def by_exiftool(paths, *options):
    """path -> what exiftool says, of many files in one run."""
    chunks = [paths[i:i + 50] for i in range(0, len(paths), 50)]
    found = {}

    def read(number):
        done = subprocess.run(["exiftool", "-j", "-a", "-q", *options, *chunks[number]], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return json.loads(done.stdout.decode(errors="replace") or "[]")
    for entries in at_once(read, range(len(chunks))).values():
        found.update({entry["SourceFile"]: entry for entry in entries})
    return found


def by_exiv2(path):
    """{group:tag -> text}, of one file: what it finds in one may be its end."""
    done = subprocess.run(["exiv2", "-q", "-PEXIkv", path], check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    found = {}
    for line in done.stdout.decode(errors="replace").splitlines():
        key, _, value = line.partition(" ")
        if re.match(r"(Exif|Iptc|Xmp)\.[\w-]+\.", key):
            group, _, tag = key.partition("/")[0].rpartition(".")
            name = f"{group}:{tag.partition('[')[0]}"  # of a list's entry the list's
            found[name] = f"{found[name]}, {value.strip()}" if name in found else value.strip()
    return found


def read_tags(paths):
    """path -> {group:tag -> text}, by both."""
    tags, more = by_exiftool(paths, "-G1:4", "-n", "-struct", "-ee0"), at_once(by_exiv2, paths)
    return {path: {**tags.get(path, {}), **more[path]} for path in paths}


def process(dropmill, chain, out, paths):
    """Results and remarks: path -> (result, words)."""
    shutil.rmtree(out, ignore_errors=True)
    done = subprocess.run([dropmill, "--config", "/dev/null", "process", "--json", "--with", chain, "-o", out, *paths],
                          check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace")
    results = {}
    for entry in map(json.loads, done.stdout.splitlines()):
        if entry.get("output"):
            results[entry["path"]] = (entry["output"], entry.get("message") or "")
    return results


def blanked(before, after):
    """Whether of a maker note, as exiv2 prints its bytes, a JPEG was made zeros, and nothing else was touched."""
    before, after = str(before).split(), str(after).split()
    return " 255 216 255 " in " ".join(before) and len(before) == len(after) and all(
        b in (a, "0") for a, b in zip(before, after))


def same(before, after):
    """What exiftool could not print was a "?" where it did not know the letters' encoding."""
    if before == after or ("?" in str(before) and before == re.sub(r"[^\x00-\x7f]", "?", str(after))):
        return True
    try:
        return abs(float(before) - float(after)) <= 1e-4 * max(abs(float(before)), 1e-6)
    except (TypeError, ValueError):
        return str(before).strip() == str(after).strip()


def told(value, after):
    """Whether comments tell it, as they do where there is no other place for a text; a long one takes several."""
    comments = "".join(str(text) for key, text in after.items() if key.endswith(":Comment"))
    return str(value).strip() in comments


def judge(key, remark):
    """How a difference of this tag is accounted for."""
    group, _, tag = re.sub(r":Copy\d+", "", key).rpartition(":")
    if CODING_GROUPS.match(group) or CODING.match(tag):
        return "coding"
    if CORRECTIONS.search(tag):
        return "correction"
    for words, groups in SAID:
        if words in remark and re.fullmatch(groups, group, re.IGNORECASE):
            return "remark"
    return "silent"


def compare(before, after, remark):
    """Differences: (tag, was, is, verdict). What stands in another group now is no difference."""
    values = collections.defaultdict(list)
    for key, value in after.items():
        values[key.rpartition(":")[2]].append(value)
    for key, was in before.items():
        tag = key.rpartition(":")[2]
        if key == "SourceFile" or was == "" or told(was, after) or same(was, after.get(key)) or any(same(was, other) for other in values[tag]):
            continue
        preview = tag == "MakerNote" and blanked(was, after.get(key))
        yield key, was, after.get(key), "correction" if preview else judge(key, remark)


# Extension -> a validator that exits with other than 0, or whose output has such words, where a file is wrong.
VALIDATORS = {".jpg": (("djpeg", "-strict", "-outfile", "/dev/null"), r"(?i)corrupt|error|warn"),
              ".png": (("pngcheck", "-q"), r"(?i)error|invalid|illegal|multiple"),
              ".tif": (("tiffinfo",), r"(?i)^(?!.*warning)TIFF\w+:.*(error|not find|cannot|failed)"),
              ".webp": (("webpinfo", "-quiet"), r"(?i)error|warning")}


def by_validator(path):
    """What the format's validator finds wrong in a file."""
    stem, extension = os.path.splitext(path)
    command, words = VALIDATORS.get({".jpeg": ".jpg", ".tiff": ".tif"}.get(extension.lower(), extension.lower()),
                                    (None, None))
    if not command or not shutil.which(command[0]):
        return []
    done = subprocess.run([*command, path], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = done.stdout.decode(errors="replace").replace(stem, "")
    text = "" if "chunk cICP" in text else text  # which pngcheck does not know yet
    found = [line.strip() for line in text.splitlines() if re.search(words, line)]
    return found or ([f"{command[0]} exits {done.returncode}"] if done.returncode and text else [])


def complaints(paths):
    """path -> what validators and exiftool find wrong in it."""
    found = at_once(by_validator, paths)
    for path, entry in by_exiftool(paths, "-validate", "-error").items():
        found[path] += [f"exiftool: {entry['Error']}"] if "Error" in entry else []
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dropmill")
    parser.add_argument("out")
    parser.add_argument("--table")
    parser.add_argument("--chains", default=",".join(CHAINS))
    parser.add_argument("--most", type=int, default=0)
    parser.add_argument("--validate", action="store_true")
    parser.add_argument("pictures", nargs="+")
    options = parser.parse_args()
    pictures = [os.path.abspath(path) for path in options.pictures]
    pictures = pictures[:options.most] if options.most else pictures
    before = read_tags(pictures)
    rows, silent, results, wrong = [], 0, 0, 0
    known = complaints(pictures) if options.validate else {}
    for chain in options.chains.split(","):
        done = process(options.dropmill, chain, f"{options.out}/{chain}", pictures)
        after = read_tags([result for result, _ in done.values()])
        results += len(done)
        found = complaints([result for result, _ in done.values()]) if options.validate else {}
        for path, (result, _) in sorted(done.items()) if options.validate else ():
            new = [line for line in found[result] if line not in known[path]]
            if new and not known[path]:
                wrong += 1
                print(f"invalid: {chain} | {os.path.basename(path)} | {new[0]}")
        for path, (result, remark) in sorted(done.items()):
            for key, was, now, verdict in compare(before.get(path, {}), after.get(result, {}), remark):
                rows.append((chain, os.path.basename(path), key, verdict, str(was)[:60], str(now)[:60], remark[:80]))
                silent += verdict == "silent"
    for row in rows:
        if row[3] == "silent":
            print("silent: " + " | ".join(row))
    counts = collections.Counter(row[3] for row in rows)
    summary = f"{len(pictures)} pictures, {results} results, {silent} silent differences, {wrong} invalid; " + ", ".join(
        f"{name} {count}" for name, count in sorted(counts.items()))
    print(summary)
    if options.table:
        with open(options.table, "w", encoding="utf-8") as file:
            file.write(summary + "\n")
            file.writelines("\t".join(row) + "\n" for row in rows)
    return 1 if silent or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
