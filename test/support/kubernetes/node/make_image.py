"""Writes the file of a container image that `ctr images import` takes, without a container engine.

    make_image.py FILE TAG --root FOLDER [--entrypoint JSON]
        one layer: what is in FOLDER
    make_image.py FILE TAG --environment VENV... [--add PATH...] [--without NAME...]
        one layer: the virtual environments with their interpreters, the paths to add, a shell and the shared libraries that all of it loads,
        each at the path that it has on this machine, so that links and first lines of scripts lead where they lead here

The layer is written once, straight into the file: an environment has a gigabyte.
"""

import argparse
import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile

BLOCK = 1 << 20
PROGRAMS = ["sh", "bash", "cat", "env", "ls", "mkdir", "rm", "sleep", "true"]
FILES = ["/bin/sh", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/ld.so.cache", "/etc/ssl/certs/ca-certificates.crt"]
# Loaded by name at run time, so that no file says that it needs them.
LOADED_BY_NAME = ("libgcc_s.so.1", "libstdc++.so.6", "libgomp.so.1")
# Of the standard library, of which an image has no use.
LEFT_OUT = {"test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3", "site-packages", "dist-packages"}
WHERE_PYTHON_IS = (
    "import json, os, sys; library = [path for path in sys.path if not path.startswith(sys.prefix + os.sep)];"
    "print(json.dumps([os.path.realpath(sys._base_executable), *library]))"
)


class Layer:
    """A tar of paths of this machine. Each is stored once, after the folders above it and with the links that lead to it."""

    def __init__(self, tar):
        self.tar = tar
        self.stored = {"/"}
        self.walked = set()
        self.programs = []

    def add(self, path, without=frozenset()):
        """Adds a file, or a folder with all below it that `without` does not name."""
        path = self._follow(os.path.abspath(path))
        if path is None or path in self.walked:
            return
        self._store(path)
        if not os.path.isdir(path):
            return
        self.walked.add(path)
        for name in sorted(os.listdir(path)):
            if name not in without and not name.endswith(".a"):
                self.add(os.path.join(path, name), without)

    def _follow(self, path):
        """Stores the links on the way, and returns the path behind them; None where there is nothing that an image could hold."""
        way = "/"
        parts = path.strip("/").split("/")
        for index, part in enumerate(parts):
            way = os.path.join(way, part)
            if os.path.islink(way):
                if os.path.exists(way):
                    self._store(way)
                target = os.path.join(os.path.dirname(way), os.readlink(way))
                return self._follow(os.path.normpath(os.path.join(target, *parts[index + 1 :])))
        return path if os.path.isdir(path) or os.path.isfile(path) else None

    def _store(self, path):
        if path in self.stored:
            return
        self._store(os.path.dirname(path))
        self.stored.add(path)
        entry = self.tar.gettarinfo(path, path.lstrip("/"))
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        if entry.isdir():
            # Here it may be one user's alone; there, anyone's container runs.
            entry.mode |= 0o755
        if entry.islnk():
            # A second name of a file that is stored already: content again, since the first name may be another's.
            entry.type, entry.linkname, entry.size = tarfile.REGTYPE, "", os.path.getsize(path)
        if not entry.isreg():
            self.tar.addfile(entry)
            return
        with open(path, "rb") as content:
            if content.read(4) == b"\x7fELF":
                self.programs.append(path)
            content.seek(0)
            self.tar.addfile(entry, content)

    def add_libraries(self):
        """Adds what the programs load, and what that loads."""
        for path in self._libraries_by_name():
            self.add(path)
        seen = 0
        while seen < len(self.programs):
            batch, seen = self.programs[seen:], len(self.programs)
            answer = subprocess.run(["ldd", *batch], capture_output=True, text=True, check=False).stdout
            # Those of other programs come with a file name that ends in a colon.
            for word in {word for line in answer.splitlines() for word in line.split()}:
                if word.startswith("/") and not word.endswith(":"):
                    self.add(word)

    @staticmethod
    def _libraries_by_name():
        program = shutil.which("ldconfig", path=os.environ["PATH"] + ":/sbin:/usr/sbin")
        lines = subprocess.check_output([program, "-p"], text=True).splitlines() if program else []
        return [line.split("=> ")[1] for line in lines if line.split()[0] in LOADED_BY_NAME]


def add_environments(layer, environments, others, without):
    for folder in environments:
        python = os.path.join(folder, "bin", "python")
        for path in json.loads(subprocess.check_output([python, "-I", "-c", WHERE_PYTHON_IS], text=True)):
            layer.add(path, LEFT_OUT)
        layer.add(folder, frozenset(without))
    for path in [*others, *FILES, *filter(None, map(shutil.which, PROGRAMS))]:
        layer.add(path)
    layer.add_libraries()
    if "/tmp" not in layer.stored:
        scratch = tarfile.TarInfo("tmp")
        scratch.type, scratch.mode = tarfile.DIRTYPE, 0o1777
        layer.tar.addfile(scratch)


class Hashing(io.RawIOBase):
    """Hands on what is written, and hashes it."""

    def __init__(self, file):
        super().__init__()
        self.file, self.digest, self.size = file, hashlib.sha256(), 0

    def writable(self):
        return True

    def write(self, data):
        self.digest.update(data)
        self.size += len(data)
        self.file.write(data)
        return len(data)


def write_layer(file, fill):
    """Appends the entry `layer.tar` to an open tar file; its size is known only afterwards. Returns the layer's digest."""
    header_at = file.tell()
    file.write(tarfile.TarInfo("layer.tar").tobuf(tarfile.GNU_FORMAT))
    hashing = Hashing(file)
    with tarfile.open(fileobj=hashing, mode="w|", format=tarfile.GNU_FORMAT, bufsize=BLOCK) as tar:
        fill(tar)
    file.write(b"\0" * (-hashing.size % tarfile.BLOCKSIZE))
    end = file.tell()
    header = tarfile.TarInfo("layer.tar")
    header.size = hashing.size
    file.seek(header_at)
    file.write(header.tobuf(tarfile.GNU_FORMAT))
    file.seek(end)
    return hashing.digest.hexdigest()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("tag")
    parser.add_argument("--root")
    parser.add_argument("--entrypoint", type=json.loads, default=[])
    parser.add_argument("--environment", action="append", default=[])
    parser.add_argument("--add", action="append", default=[])
    parser.add_argument("--without", action="append", default=[])
    asked = parser.parse_args()

    def fill(tar):
        if asked.root:
            def as_root(entry):
                entry.uid = entry.gid = 0
                entry.uname = entry.gname = ""
                return entry

            tar.add(asked.root, ".", filter=as_root)
        else:
            add_environments(Layer(tar), asked.environment, asked.add, asked.without)

    programs = [os.path.join(os.path.abspath(folder), "bin") for folder in asked.environment]
    variables = ["PATH=" + ":".join([*programs, "/usr/local/bin", "/usr/bin", "/bin"])]
    with open(asked.file, "wb") as file:
        digest = write_layer(file, fill)
        config = json.dumps({
            "os": "linux",
            "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()),
            "config": {"Env": variables, "WorkingDir": "/", "Entrypoint": asked.entrypoint},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest]},
        }).encode()
        name = hashlib.sha256(config).hexdigest() + ".json"
        manifest = json.dumps([{"Config": name, "RepoTags": [asked.tag], "Layers": ["layer.tar"]}]).encode()
        with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as tar:
            for path, content in ((name, config), ("manifest.json", manifest)):
                entry = tarfile.TarInfo(path)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))


if __name__ == "__main__":
    sys.exit(main())
