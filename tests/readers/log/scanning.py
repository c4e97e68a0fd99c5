"""Helpers that return the records of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from provlog.diagnostics.diagnostic import Diagnostic
from provlog.readers.log.scanner import Record, Scanner

Scanned = tuple[list[Record], list[Diagnostic]]


def scan(*blocks: str) -> Scanned:
    """Return the records and diagnostics of a log, given in blocks."""
    found: list[Diagnostic] = []
    scanner = Scanner("run.log", found.append)
    records = [record for block in blocks for record in scanner.feed(block)]
    return records + scanner.finish(), found


def fields(*blocks: str) -> list[dict[str, Any]]:
    """Return the payloads of a log, which must not cause diagnostics."""
    records, found = scan(*blocks)
    assert found == []
    return [payload for _, payload in records]


def codes(*blocks: str) -> list[str]:
    """Return the codes of the diagnostics of a log."""
    return [diagnostic.code for diagnostic in scan(*blocks)[1]]


def record_lines(path: Path, longest: int = 4000) -> list[str]:
    """Return the lines of a log that are complete records."""
    return [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if "_PROV_" in line and len(line) < longest and len(scan(line)[0]) == 1 and not codes(line)
    ]


def without_blanks(value: Any) -> Any:
    """Return a value without the blanks and line breaks that wrapping may have eaten."""
    if isinstance(value, str):
        return re.sub(r"\s+|\\n", "", value)
    if isinstance(value, dict):
        return {without_blanks(key): without_blanks(item) for key, item in value.items()}
    return list(map(without_blanks, value)) if isinstance(value, list) else value


def timed(records: Iterable[Record]) -> list[Any]:
    """Return times and payloads, without blanks."""
    return [(origin.time, without_blanks(payload)) for origin, payload in records]
