"""The engine of many machines: a dask cluster.

The scheduler gives the tasks of a worker that dies to others, up to its setting
``distributed.scheduler.allowed-failures``; who is left over after that is tried
here as with any engine.
"""

from __future__ import annotations

import re
from concurrent.futures import CancelledError, Executor

from provlog.batch.engines import Engine
from provlog.errors import MissingExtraError, UsageError

__all__ = ["dask_cluster"]

_ADDRESS = re.compile(r"(?:[a-z]+://)?[^/\s]+:\d+/?")
# How long to wait for a scheduler and its first worker, in seconds.
_PATIENCE = 10.0
# A cluster may grow to hundreds of workers while it works; each call takes some kilobytes.
_WIDTH = 1000


def dask_cluster(address: str) -> tuple[Engine, int]:
    """Return the engine that does the work on a dask cluster, and how many workers there are.

    Parameters
    ----------
    address : str
        That of the scheduler, such as ``tcp://scheduler:8786``.

    Raises
    ------
    MissingExtraError
        If dask.distributed is not installed.
    UsageError
        If no scheduler answers there.
    """
    try:
        from distributed import Client
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise MissingExtraError("a dask scheduler", "dask") from None
    if not _ADDRESS.fullmatch(address):
        raise UsageError(f"{address}: no address of a dask scheduler, such as tcp://host:8786")
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"{address}: no dask scheduler answers: {error}") from error
    executor = client.get_executor(pure=False)

    def stop(executor: Executor) -> None:
        # It cancels what is not begun, and waits for nothing.
        executor.shutdown(wait=False)

    def close() -> None:
        client.close(timeout=_PATIENCE)

    engine = Engine(
        lambda: executor, stop, close, start_alone=lambda: executor, width=_WIDTH,
        deaths=(KilledWorker,),
        # Comm errors are errors of the system, too.
        losses=(CancelledError, OSError), is_shared=True,
    )  # fmt: skip
    return engine, len(client.nthreads())
