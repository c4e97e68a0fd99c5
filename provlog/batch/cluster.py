"""The engine of many machines: a Dask cluster.

The scheduler gives the tasks of a worker that dies to other workers, as often as its setting
``distributed.scheduler.allowed-failures`` allows; provlog then retries them as with any engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any

from provlog.batch.engines import Engine
from provlog.errors import MissingExtraError, UsageError

__all__ = ["dask_cluster"]

_ADDRESS = re.compile(r"(?:[a-z]+://)?[^/\s]+:\d+/?")
# How long to wait for a scheduler and its first worker, in seconds.
_PATIENCE = 10.0
# A cluster may grow to hundreds of workers while it works; each pending call takes some kilobytes.
_WIDTH = 1000


def dask_cluster(address: str) -> tuple[Engine, int]:
    """Return the engine that does the work on a Dask cluster, and how many workers there are.

    Parameters
    ----------
    address : str
        The address of the scheduler, such as ``tcp://scheduler:8786``.

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
        raise MissingExtraError("a Dask scheduler", "dask") from None
    if not _ADDRESS.fullmatch(address):
        raise UsageError(
            f"{address}: not the address of a Dask scheduler; write for example tcp://host:8786"
        )
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"{address}: no Dask scheduler answers: {error}") from error
    # Dask forgets the result of a future that nobody holds.
    pending: set[Any] = set()
    loop: Any = client.loop

    # Dask's own executor (Client.get_executor) reads a future's result before its status: a result
    # whose worker dies in between counts as an error there.
    async def hand_on(future: Any, made: Future[Any]) -> None:
        try:
            made.set_result((await client.gather([future], asynchronous=True))[0])
        except BaseException as error:  # noqa: BLE001  (raised again by ``made.result()``)
            made.set_exception(error)
        finally:
            pending.discard(future)

    def submit(function: Callable[[Any], Any], argument: Any) -> Future[Any]:
        made: Future[Any] = Future()
        future = client.submit(function, argument, pure=False)
        pending.add(future)
        loop.add_callback(hand_on, future, made)
        return made

    def stop() -> None:
        client.cancel(list(pending))

    def close() -> None:
        client.close(timeout=_PATIENCE)

    engine = Engine(
        submit, stop, close=close, width=_WIDTH, deaths=(KilledWorker,),
        # Errors of connections are errors of the system, too.
        losses=(CancelledError, OSError), is_shared=True,
    )  # fmt: skip
    return engine, len(client.nthreads())
