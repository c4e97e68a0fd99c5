"""Fetch the layout engine of the explorer from npm and check its hash: ``python fetch.py``.

To take another version, change :data:`VERSION` and :data:`INTEGRITY`, which npm prints with
``npm view @hpcc-js/wasm-graphviz@VERSION dist.integrity``.
"""

from __future__ import annotations

import base64
import hashlib
import io
import sys
import tarfile
import urllib.request
from pathlib import Path

VERSION = "1.29.2"
INTEGRITY = (
    "sha512-AkArBAZERT5OxH52/+kvCHB07cZ6ZNd9GnOvjw+S880b"
    "R88D6i27XfK6xj4dBhUDxNA2QPPMdgEcky3x4TJ3KA=="
)
FILES = {"package/dist/index.js": "graphviz.js", "package/LICENSE": "LICENSE-wasm-graphviz"}
ADDRESS = f"https://registry.npmjs.org/@hpcc-js/wasm-graphviz/-/wasm-graphviz-{VERSION}.tgz"
FOLDER = Path(__file__).parent


def fetch() -> bytes:
    """Return the package.

    Raises
    ------
    SystemExit
        If its hash is not the expected one.
    """
    with urllib.request.urlopen(ADDRESS) as answer:
        package: bytes = answer.read()
    found = f"sha512-{base64.b64encode(hashlib.sha512(package).digest()).decode()}"
    if found != INTEGRITY:
        raise SystemExit(f"{ADDRESS}: expected {INTEGRITY}, got {found}")
    return package


def unpack(package: bytes) -> dict[str, bytes]:
    """Return the required files of the package, by their names in this folder."""
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        members = {name: archive.extractfile(path) for path, name in FILES.items()}
        return {name: member.read() for name, member in members.items() if member is not None}


if __name__ == "__main__":
    for name, content in unpack(fetch()).items():
        if "--check" not in sys.argv:
            (FOLDER / name).write_bytes(content)
        elif (FOLDER / name).read_bytes() != content:
            raise SystemExit(f"{name}: differs from the package")
