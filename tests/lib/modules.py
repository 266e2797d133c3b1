# SPDX-License-Identifier: MIT
"""Folders of modules of which each holds rows or functions that one program walks over."""
import glob
import importlib.util
import os


def load_all(folder):
    """Every module of @folder, in the order of their names."""
    loaded = []
    for path in sorted(glob.glob(f"{folder}/*.py")):
        spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        loaded.append(module)
    return loaded
