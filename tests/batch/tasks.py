"""Tasks that kill their worker, in a module that workers import quickly."""

from __future__ import annotations

import os
import signal


def double(task: int | str) -> int:
    """Double a number; exit for a text, or, if it is a path, only if the path does not exist."""
    if isinstance(task, int):
        return 2 * task
    if task and not os.path.exists(task):
        with open(task, "w", encoding="utf-8"):
            pass
        os.kill(os.getpid(), signal.SIGKILL)
    if not task:
        os.kill(os.getpid(), signal.SIGKILL)
    return 0
