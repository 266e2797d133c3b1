#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A client of a file server that writes one file as real ones do.

remote_writer.py smb|nfs3|nfs4 ROOT ACTION SOURCE NAME [SECONDS]

SECONDS is how long it pauses in the middle. The actions are at the end; each says when its last byte is written.
"""
import ctypes
import os
import signal
import sys
import time

PIECES = 4


def check(code, what):
    if code is None or code < 0:
        sys.exit(f"{what}: {code}, errno {ctypes.get_errno()}")
    return code


class Smb:
    """libsmbclient, as a guest."""

    AUTH = ctypes.CFUNCTYPE(None, *[ctypes.c_char_p, ctypes.c_char_p] + [ctypes.c_void_p, ctypes.c_int] * 3)

    def __init__(self, root):
        self.lib = ctypes.CDLL("libsmbclient.so.0", use_errno=True)
        self.lib.smbc_lseek.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int]
        self.lib.smbc_write.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t]
        self.lib.smbc_ftruncate.argtypes = [ctypes.c_int, ctypes.c_int64]
        self.auth = Smb.AUTH(lambda *_: None)
        check(self.lib.smbc_init(self.auth, 0), "smbc_init")
        self.root = f"smb://guest:none@127.0.0.1{root}/"

    def _url(self, name):
        return (self.root + name).encode()

    def create(self, name):
        return check(self.lib.smbc_open(self._url(name), os.O_RDWR | os.O_CREAT, 0o664), "open")

    def write(self, handle, offset, data):
        check(self.lib.smbc_lseek(handle, offset, 0), "lseek")
        check(self.lib.smbc_write(handle, data, len(data)), "write")

    def truncate(self, handle, size):
        check(self.lib.smbc_ftruncate(handle, size), "ftruncate")

    def close(self, handle):
        check(self.lib.smbc_close(handle), "close")

    def rename(self, old, new):
        check(self.lib.smbc_rename(self._url(old), self._url(new)), "rename")

    def set_time(self, name, seconds):
        times = (ctypes.c_long * 4)(seconds, 0, seconds, 0)
        check(self.lib.smbc_utimes(self._url(name), times), "utimes")


class Nfs:
    """libnfs."""

    def __init__(self, root, version):
        self.lib = ctypes.CDLL("libnfs.so.13", use_errno=True)
        self.most = 65536 if version == "3" else 1024  # it cannot encode much more
        self.lib.nfs_init_context.restype = ctypes.c_void_p
        self.lib.nfs_get_error.restype = ctypes.c_char_p
        self.nfs = ctypes.c_void_p(self.lib.nfs_init_context())
        self.lib.nfs_parse_url_dir.restype = ctypes.c_void_p
        self.lib.nfs_pread.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint64,
                                       ctypes.c_char_p]
        self.lib.nfs_pwrite.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint64,
                                        ctypes.c_char_p]
        port = 2049
        url = f"nfs://127.0.0.1{root}?version={version}&nfsport={port}&mountport={port + 1}"
        parsed = self.lib.nfs_parse_url_dir(self.nfs, url.encode())
        if not parsed:
            sys.exit(f"{url}: {self.lib.nfs_get_error(self.nfs)}")
        self._check(self.lib.nfs_mount(self.nfs, b"127.0.0.1", root.encode()), "mount")

    def _check(self, code, what):
        if code < 0:
            sys.exit(f"{what}: {self.lib.nfs_get_error(self.nfs)}")

    def create(self, name):
        handle = ctypes.c_void_p()
        flags = os.O_RDWR | os.O_CREAT
        self._check(self.lib.nfs_open2(self.nfs, f"/{name}".encode(), flags, 0o664, ctypes.byref(handle)), "open")
        return handle

    def write(self, handle, offset, data):
        for at in range(0, len(data), self.most):
            piece = data[at:at + self.most]
            self._check(self.lib.nfs_pwrite(self.nfs, handle, offset + at, len(piece), piece), "write")
        self._check(self.lib.nfs_fsync(self.nfs, handle), "fsync")

    def close(self, handle):
        self._check(self.lib.nfs_close(self.nfs, handle), "close")

    def rename(self, old, new):
        self._check(self.lib.nfs_rename(self.nfs, f"/{old}".encode(), f"/{new}".encode()), "rename")

    def read(self, name, size):
        handle = ctypes.c_void_p()
        self._check(self.lib.nfs_open(self.nfs, f"/{name}".encode(), os.O_RDONLY, ctypes.byref(handle)), "open")
        buffer, data = ctypes.create_string_buffer(self.most), b""
        while len(data) < size:
            count = self.lib.nfs_pread(self.nfs, handle, len(data), min(self.most, size - len(data)), buffer)
            self._check(count, "read")
            if count == 0:
                break
            data += buffer.raw[:count]
        self.close(handle)
        return data

    def unlink(self, name):
        self._check(self.lib.nfs_unlink(self.nfs, f"/{name}".encode()), "unlink")

    def mkdir(self, name):
        self._check(self.lib.nfs_mkdir2(self.nfs, f"/{name}".encode(), 0o775), "mkdir")

    def rmdir(self, name):
        self._check(self.lib.nfs_rmdir(self.nfs, f"/{name}".encode()), "rmdir")


def plain(client, data, name, _pause):
    handle = client.create(name)
    client.write(handle, 0, data)
    client.close(handle)


def paused(client, data, name, pause):
    half = len(data) // 2
    handle = client.create(name)
    client.write(handle, 0, data[:half])
    time.sleep(pause)
    client.write(handle, half, data[half:])
    client.close(handle)


def presized(client, data, name, pause):
    """The end of the file first, as Explorer does, then slowly its content."""
    handle = client.create(name)
    client.truncate(handle, len(data))
    step = -(-len(data) // PIECES)
    for at in range(0, len(data), step):
        time.sleep(pause / PIECES)
        client.write(handle, at, data[at:at + step])
    client.close(handle)


def backdated(client, data, name, pause):
    presized(client, data, name, pause)
    client.set_time(name, 1577880000)  # 2020


def two_opens(client, data, name, pause):
    half = len(data) // 2
    for at, piece in ((0, data[:half]), (half, data[half:])):
        handle = client.create(name)
        client.write(handle, at, piece)
        client.close(handle)
        time.sleep(pause if at == 0 else 0)


def empty_then_reopened(client, data, name, pause):
    client.close(client.create(name))
    time.sleep(pause)
    plain(client, data, name, 0)


def killed(client, data, name, pause):
    client.write(client.create(name), 0, data[:len(data) // 2])
    time.sleep(pause)
    os.kill(os.getpid(), signal.SIGKILL)


def renamed_in(client, data, name, pause):
    folder, base = os.path.split(name)
    temporary = f"{folder}/{base}.part"
    paused(client, data, temporary, pause)
    client.rename(temporary, name)


def fetched(client, data, name, _pause):
    """The file there is SOURCE."""
    if client.read(name, len(data) + 1) != data:
        sys.exit(f"{name} is something else")


def taken_away(client, _data, name, _pause):
    client.unlink(name)


def in_new_folder(client, data, name, pause):
    """Made as Finder does: called something first, then renamed."""
    folder = os.path.dirname(name)
    client.mkdir("inbox/untitled folder")
    client.rename("inbox/untitled folder", folder)
    plain(client, data, name, pause)


def littered(client, data, name, _pause):
    """What Finder leaves in a folder."""
    client.mkdir(f"{name}/.TemporaryItems")
    for litter in (".DS_Store", "._a.jpg", ".TemporaryItems/a.jpg"):
        plain(client, data, f"{name}/{litter}", 0)


def folder_taken_away(client, _data, name, _pause):
    client.rmdir(name)


def main():
    protocol, root, action, source, name = sys.argv[1:6]
    pause = float(sys.argv[6]) if len(sys.argv) > 6 else 0
    client = Smb(root) if protocol == "smb" else Nfs(root, protocol[-1])
    with open(source, "rb") as file:
        data = file.read()
    globals()[action](client, data, name, pause)


if __name__ == "__main__":
    main()
