"""The engine of many machines: a Dask cluster.

The scheduler gives the tasks of a worker that dies to other workers, as often as its setting
``distributed.scheduler.allowed-failures`` allows; provlog then retries them as with any engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from typing import TYPE_CHECKING, Any, TypeVar

from provlog.batch.engines import Engine
from provlog.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["dask_cluster"]

R = TypeVar("R")

_ADDRESS = re.compile(r"(?:[a-z]+://)?[^/\s]+:\d+/?")
# The time to wait for a scheduler and its first worker, in seconds.
_PATIENCE = 10.0
# A cluster may grow to hundreds of workers while it works; each pending call takes some kilobytes.
_WIDTH = 1000
# The intended duration of a call in seconds: a call takes the scheduler, the worker and this
# process some milliseconds.
_SECONDS = 0.25


def dask_cluster(address: str) -> Engine:
    """Return the engine that runs tasks on a Dask cluster.

    Parameters
    ----------
    address : str
        The address of the scheduler, such as ``tcp://scheduler:8786``.

    Raises
    ------
    MissingExtraError
        If dask.distributed is not installed.
    UsageError
        If no scheduler answers at the address.
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
    executor = _ClusterExecutor(client)

    def stop(executor: Executor) -> None:
        executor.shutdown(wait=False, cancel_futures=True)

    def close() -> None:
        client.close(timeout=_PATIENCE)

    return Engine(
        lambda: executor, stop, close, start_alone=lambda: executor,
        workers=sum(client.nthreads().values()), width=_WIDTH, seconds=_SECONDS,
        deaths=(KilledWorker,),
        # Connection errors are also OSErrors.
        losses=(CancelledError, OSError), is_shared=True,
    )  # fmt: skip


class _ClusterExecutor(Executor):
    """Submits calls to a Dask cluster.

    Dask's own executor (``Client.get_executor``) reads a future's result before its status, so
    that it reports an error if the worker dies in between.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._loop: Any = client.loop
        # Dask forgets the result of a future that nobody holds.
        self._pending: set[Any] = set()

    def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        made: Future[R] = Future()
        future = self._client.submit(fn, *args, pure=False, **kwargs)
        self._pending.add(future)
        self._loop.add_callback(self._finish, future, made)
        return made

    async def _finish(self, future: Any, made: Future[Any]) -> None:
        """Pass on the outcome of a call; runs in the event loop, which ends with the client."""
        try:
            made.set_result((await self._client.gather([future], asynchronous=True))[0])
        except BaseException as error:  # noqa: BLE001  (raised again by ``made.result()``)
            made.set_exception(error)
        finally:
            self._pending.discard(future)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if cancel_futures:
            self._client.cancel(list(self._pending))
