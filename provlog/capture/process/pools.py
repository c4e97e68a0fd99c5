"""Mark the results that a worker process of a pool sends back.

A pool pickles the result of a task as soon as the task has ended. Its code in the worker process
gets a function for that moment; the code in the program stays as it is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from types import ModuleType
from typing import Any

__all__ = ["mark_results"]

Mark = Callable[[Any], Any]
"""A function that takes a result and returns what to pickle instead. It never raises."""


def mark_results(mark: Mark) -> None:
    """Call a function for the result of each task that this worker process sends from now on.

    Call it in a task: then the pool's modules are imported.
    """
    for name, patch in _POOLS.items():
        if name in sys.modules and name not in _patched:
            _patched.add(name)
            # Another version of a package may lack the name.
            with suppress(AttributeError):
                patch(sys.modules[name], mark)


def _patch_executor(module: ModuleType, mark: Mark) -> None:
    """Mark the result in each message of an executor, which only its worker processes make."""
    kind = module._ResultItem
    initialize = kind.__init__

    @wraps(initialize)
    def initialize_marked(self: Any, *args: Any, **kwargs: Any) -> None:
        initialize(self, *args, **kwargs)
        result = getattr(self, "result", None)
        if result is not None:
            self.result = mark(result)

    kind.__init__ = initialize_marked


def _patch_pool(module: ModuleType, mark: Mark) -> None:
    """Mark the result in each message of a ``multiprocessing.Pool``."""
    from multiprocessing import queues

    pickler: Any = queues._ForkingPickler  # type: ignore[attr-defined]

    class ResultPickler(pickler):  # type: ignore[misc]
        @classmethod
        def dumps(cls, obj: Any, protocol: int | None = None) -> Any:
            return pickler.dumps(_marked(obj, mark), protocol)

    queues._ForkingPickler = ResultPickler  # type: ignore[attr-defined]


def _patch_joblib_pool(module: ModuleType, mark: Mark) -> None:
    """Mark the result in each message of a pool of joblib's backend ``multiprocessing``."""
    pickler: Any = module.CustomizablePickler

    class ResultPickler(pickler):  # type: ignore[misc]
        def dump(self, obj: Any) -> Any:
            return super().dump(_marked(obj, mark))

    module.CustomizablePickler = ResultPickler  # type: ignore[attr-defined]


def _marked(message: Any, mark: Mark) -> Any:
    """Return a message, with its result marked if it is ``(job, number, (True, result))``."""
    if type(message) is not tuple or len(message) != 3 or type(message[0]) is not int:
        return message
    job, number, outcome = message
    if type(outcome) is not tuple or len(outcome) != 2 or outcome[0] is not True:
        return message
    return job, number, (True, mark(outcome[1]))


_POOLS = {
    "concurrent.futures.process": _patch_executor,
    "loky.process_executor": _patch_executor,
    "joblib.externals.loky.process_executor": _patch_executor,
    "multiprocessing.pool": _patch_pool,
    "joblib.pool": _patch_joblib_pool,
}
# Forked processes inherit what is patched.
_patched: set[str] = set()
