"""Real provenance logs of ctapipe, and their content, read only with Python's json."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from tests.test_layout import ROOT

DATA = ROOT / "tests" / "data" / "ctapipe"
LOGS = sorted(path for path in DATA.iterdir() if ".h5" not in path.suffixes)
NIGHT = DATA / "night-0.32.0.provenance.log.gz"
PRODUCT = DATA / "run2031.dl1.h5.gz"


def text_of(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode()


def lists_of(path: Path) -> list[list[dict[str, Any]]]:
    """Return the lists that follow each other in a log."""
    text, position, lists = text_of(path), 0, []
    while position < len(text):
        found, position = json.JSONDecoder().raw_decode(text, position)
        lists.append(found)
        while text[position : position + 1].isspace():
            position += 1
    return lists


def activities_of(path: Path) -> dict[str, dict[str, Any]]:
    """Return the activities of a log, each once."""
    return {item["activity_uuid"]: item for found in lists_of(path) for item in found}
