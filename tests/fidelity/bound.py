# SPDX-License-Identifier: MIT
"""How far a result may be from the oracle: by how many levels, and in what share of the samples."""
import collections

Bound = collections.namedtuple("Bound", "levels share")
EQUAL = Bound(0, 0.0)
