# SPDX-License-Identifier: MIT
"""Colour as people see it: ICC profiles made by hand, Lab through lcms (Pillow), CIEDE2000.

CIEDE2000: Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula", 2005.
"""
import io
import struct

import numpy as np
from PIL import Image, ImageCms

# Colorants adapted to D50.
P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
D50 = (0.9642, 1.0, 0.8249)


def srgb_curve():
    v = np.linspace(0, 1, 1024)
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    return b"curv\0\0\0\0" + struct.pack(">I", 1024) + (linear * 65535).round().astype(">u2").tobytes()


def gamma_curve(gamma):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"


def xyz(values):
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))


def text(kind, words):
    if kind == b"text":
        return b"text\0\0\0\0" + words + b"\0"
    return (b"desc\0\0\0\0" + struct.pack(">I", len(words) + 1) + words + b"\0" + bytes(8 + 3 + 67))


def profile(space, tags, kind=b"mntr", pcs=b"XYZ "):
    """An ICC 2.1 profile, of a monitor if not said otherwise."""
    table, data, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags:
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">II", at + len(data), len(content))
        data += content
    header = struct.pack(">I4sI4s4s4s", at + len(data), b"lcms", 0x02100000, kind, space, pcs)
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + struct.pack(
        ">3i", *(round(v * 65536) for v in D50))
    return header + bytes(128 - len(header)) + struct.pack(">I", len(tags)) + table + data


def rgb_profile(name, colorants, curve):
    tags = [(b"desc", text(b"desc", name)), (b"cprt", text(b"text", b"none")), (b"wtpt", xyz(D50))]
    tags += [(key, xyz(values)) for key, values in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants)]
    tags += [(key, curve) for key in (b"rTRC", b"gTRC", b"bTRC")]
    return profile(b"RGB ", tags)


DISPLAY_P3 = rgb_profile(b"test P3", P3, srgb_curve())
ADOBE = rgb_profile(b"test Adobe RGB", ADOBE_RGB, gamma_curve(2.19921875))
GRAY = profile(b"GRAY", [(b"desc", text(b"desc", b"test gray")), (b"cprt", text(b"text", b"none")),
                         (b"wtpt", xyz(D50)), (b"kTRC", gamma_curve(2.2))])


def lab(image):
    """The picture's colours in CIELAB by its own profile, sRGB where it has none."""
    own = image.info.get("icc_profile")
    source = ImageCms.ImageCmsProfile(io.BytesIO(own)) if own else ImageCms.createProfile("sRGB")
    transform = ImageCms.buildTransform(source, ImageCms.createProfile("LAB"), "RGB", "LAB",
                                        ImageCms.Intent.RELATIVE_COLORIMETRIC)
    samples = np.asarray(ImageCms.applyTransform(image.convert("RGB"), transform)).astype(float)
    a_b = np.where(samples[:, :, 1:] > 127, samples[:, :, 1:] - 256, samples[:, :, 1:])
    return np.dstack([samples[:, :, 0] * 100 / 255, a_b])


def ciede2000(one, two):
    """CIEDE2000 of two Lab pictures, pixel by pixel."""
    (l1, a1, b1), (l2, a2, b2) = (np.moveaxis(x, 2, 0) for x in (one, two))
    mean_c = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean_c ** 7 / (mean_c ** 7 + 25.0 ** 7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    apart = h2 - h1
    apart = np.where(apart > 180, apart - 360, np.where(apart < -180, apart + 360, apart))
    delta_h = np.where(c1 * c2 == 0, 0, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(apart / 2)))
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = np.where(np.abs(h1 - h2) > 180, (h1 + h2 + 360) / 2, (h1 + h2) / 2) % 360
    t = (1 - 0.17 * np.cos(np.radians(mean_h - 30)) + 0.24 * np.cos(np.radians(2 * mean_h))
         + 0.32 * np.cos(np.radians(3 * mean_h + 6)) - 0.20 * np.cos(np.radians(4 * mean_h - 63)))
    turn = 30 * np.exp(-(((mean_h - 275) / 25) ** 2))
    r_c = 2 * np.sqrt(mean_c ** 7 / (mean_c ** 7 + 25.0 ** 7))
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    light, chroma, hue = (l2 - l1) / s_l, (c2 - c1) / s_c, delta_h / s_h
    return np.sqrt(light ** 2 + chroma ** 2 + hue ** 2 - np.sin(np.radians(2 * turn)) * r_c * chroma * hue)


def look_alike(one, two, median=1.0, most=3.0):
    """Two pictures, each by its own profile, are the same to the eye."""
    delta = ciede2000(lab(one), lab(two))
    found = float(np.median(delta)), float(np.percentile(delta, 99))
    assert found[0] <= median and found[1] <= most, \
        f"CIEDE2000: median {found[0]:.2f}, 99 % within {found[1]:.2f}; expected {median} and {most}"


def muted(image):
    """Colours that every RGB space can show."""
    gray = image.convert("L").convert("RGB")
    return Image.blend(gray, image, 0.6)
