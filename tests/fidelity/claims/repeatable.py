# SPDX-License-Identifier: MIT
"""The same input and the same chain give the same bytes, however many work at it."""
import hashlib

import numpy as np
from PIL import Image
from world import claim, scene

CHAINS = ("copy", "resize-50_sharpen", "rotate-30", "median-7_blur-2", "clahe_edges", "webp", "avif-50", "png",
          "gif", "tiff", "bilateral_unsharp", "equalize_vignette")
CREWS = (("1", "1"), ("1", "4"), ("2", "1"), ("2", "4"))  # ranks, threads


def sources(world):
    rng = np.random.default_rng(9)
    names = []
    for i in range(6):
        noise = rng.normal(0, 10, (160 + 8 * i, 240, 3))
        image = Image.fromarray((np.asarray(scene(240, 160 + 8 * i)) + noise).clip(0, 255).astype(np.uint8))
        names.append(world.save(f"many-{i}.{('jpg', 'png', 'tif')[i % 3]}", image))
    first, *rest = [scene().rotate(10 * i) for i in range(5)]
    names.append(world.save("many-6.gif", first, save_all=True, append_images=rest, duration=50))
    return names


def digests(world, chain, names, ranks, threads):
    done = world.batch(chain, names, "--ranks", ranks, "--threads", threads)
    assert sorted(done) == sorted(names), f"{chain}: only {sorted(done)}"
    return {name: hashlib.sha256(open(path, "rb").read()).hexdigest() for name, path in done.items()}


@claim("repeatable: the same bytes with 1 and 4 threads in 1 and 2 ranks")
def crews(world):
    names = sources(world)
    for chain in CHAINS:
        first = digests(world, chain, names, *CREWS[0])
        for crew in CREWS[1:] if chain == CHAINS[1] else CREWS[3:]:
            other = digests(world, chain, names, *crew)
            apart = [name for name in names if first[name] != other[name]]
            assert not apart, f"{chain} with {crew[0]} ranks of {crew[1]} threads: {apart}"
