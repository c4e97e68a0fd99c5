"""PROV-JSONLD, as of the W3C member submission, by the ``prov`` library.

https://www.w3.org/submissions/prov-jsonld/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provlog.model.graph import ProvGraph

__all__ = ["write_jsonld"]


def write_jsonld(graph: ProvGraph) -> Iterator[str]:
    """Yield the graph as PROV-JSONLD."""
    yield graph.to_prov().serialize(format="jsonld") or ""
    yield "\n"
