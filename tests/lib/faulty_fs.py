#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A file system that shows a directory, and refuses as it is told.

    faulty_fs.py DIRECTORY MOUNT_POINT FAULTS

As long as the file FAULTS is there, each of its lines "OPERATION ERRNO PATTERN" (read EIO *.png) makes
that operation (getattr, open, read, write, rename, unlink, ..., or *) fail on paths that match. Paths
begin with "/", a "*" in a pattern stands for slashes, too.
"""

import errno
import fnmatch
import os
import sys

import fusepy


class Faulty(fusepy.Operations):
    def __init__(self, directory, faults):
        self.directory = directory
        self.faults = faults

    def real(self, path):
        return self.directory + path

    def refuse(self, operation, path):
        try:
            with open(self.faults, encoding="ascii") as lines:
                for line in lines:
                    wanted, number, pattern = line.split(None, 2)
                    if wanted in ("*", operation) and fnmatch.fnmatchcase(path, pattern.strip()):
                        raise fusepy.FuseOSError(getattr(errno, number))
        except FileNotFoundError:
            pass

    def __call__(self, operation, path, *args):
        if operation not in ("init", "destroy"):
            self.refuse(operation, path)
        if not hasattr(self, operation):
            raise fusepy.FuseOSError(errno.ENOSYS)
        return getattr(self, operation)(path, *args)

    def getattr(self, path, handle=None):
        found = os.lstat(self.real(path))
        names = ("st_ino", "st_mode", "st_nlink", "st_uid", "st_gid", "st_size", "st_blocks")
        facts = {name: getattr(found, name) for name in names}
        for name in ("st_atime", "st_mtime", "st_ctime"):
            facts[name] = getattr(found, name + "_ns")
        return facts

    def readdir(self, path, handle):
        return [".", ".."] + os.listdir(self.real(path))

    def access(self, path, mode):
        return 0

    def chmod(self, path, mode):
        os.chmod(self.real(path), mode)

    def chown(self, path, uid, gid):
        os.lchown(self.real(path), uid, gid)

    def mkdir(self, path, mode):
        os.mkdir(self.real(path), mode)

    def rmdir(self, path):
        os.rmdir(self.real(path))

    def unlink(self, path):
        os.unlink(self.real(path))

    def rename(self, old, new):
        os.rename(self.real(old), self.real(new))

    def utimens(self, path, times=None):
        os.utime(self.real(path), ns=times)

    def truncate(self, path, length, handle=None):
        os.truncate(self.real(path), length)

    def open(self, path, flags):
        return os.open(self.real(path), flags)

    def create(self, path, mode, info=None):
        return os.open(self.real(path), os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode)

    def read(self, path, size, offset, handle):
        return os.pread(handle, size, offset)

    def write(self, path, data, offset, handle):
        return os.pwrite(handle, data, offset)

    def fsync(self, path, datasync, handle):
        os.fsync(handle)

    def release(self, path, handle):
        os.close(handle)

    def statfs(self, path):
        found = os.statvfs(self.directory)
        names = ("f_bavail", "f_bfree", "f_blocks", "f_bsize", "f_favail", "f_ffree", "f_files", "f_frsize", "f_namemax")
        return {name: getattr(found, name) for name in names}


if __name__ == "__main__":
    shown, mount_point, faults_file = sys.argv[1:]
    Faulty.use_ns = True
    fusepy.FUSE(Faulty(shown, faults_file), mount_point, foreground=True, nothreads=False, use_ino=True,
                attr_timeout=0, entry_timeout=0, negative_timeout=0, allow_other=True, fsname="faulty")
