"""Add logs in several processes at once, in a module that processes import quickly."""

from __future__ import annotations

import multiprocessing
from typing import Any

from provlog.store.store import Store


def _add(url: str, paths: list[str], results: Any) -> None:
    try:
        with Store(url) as store:
            results.put([added.status for added in store.add(*paths)])
    except Exception as error:  # noqa: BLE001
        results.put(repr(error))


def add_at_once(url: str, *orders: list[str]) -> list[Any]:
    """Add logs in several processes at once, and return what each reports."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    processes = [context.Process(target=_add, args=(url, order, results)) for order in orders]
    for process in processes:
        process.start()
    found = [results.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    return found
