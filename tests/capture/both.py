"""The logs that a program writes with the compiled modules, and in pure Python."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from provlog.capture import Capture
from provlog.capture.calls import recording
from provlog.capture.records import opened_files
from provlog.definitions.load import definitions_of

__all__ = ["both_logs"]

COUNTERS = {
    "provlog.capture.records.recorder": "next_activity",
    "provlog.capture.records.object_ids": "next_object",
    "provlog.capture.records.sessions": "next_session",
}
FAST = "provlog.capture.calls._fast"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d|(?<='total_time': )[^,]+")


def both_logs(
    program: Callable[[Capture], Any], definitions: Any = None, **options: Any
) -> list[tuple[list[str], Any]]:
    """Return the log of a program without times, and its result: compiled, and in Python."""
    return [logged(program, definitions or {}, options, is_fast) for is_fast in (True, False)]


def logged(
    program: Callable[[Capture], Any], definitions: Any, options: dict[str, Any], is_fast: bool
) -> tuple[list[str], Any]:
    with ExitStack() as stack:
        log = Path(stack.enter_context(TemporaryDirectory())) / "run.log"
        if not is_fast:
            stack.enter_context(patch.object(recording, "_compiled", lambda: None))
            stack.enter_context(patch.object(opened_files, "compiled", lambda _: None))
        fast = import_module(FAST)
        for module, name in COUNTERS.items():
            counter = count(1).__next__
            stack.enter_context(patch(f"{module}.{name}", counter))
            if hasattr(fast, name):
                stack.enter_context(patch.object(fast, name, counter))
        capture = Capture(definitions_of(definitions), log, **options)
        result = program(capture)
        capture.close()
        text = log.read_text("utf-8", "surrogatepass")
    return [TIME.sub("T", line) for line in text.split("\n") if "'session_id'" not in line], result
