"""PROV-JSONLD, as of the W3C member submission, by the ``prov`` library.

https://www.w3.org/submissions/prov-jsonld/
"""

from __future__ import annotations

from collections.abc import Iterator

from provlog.errors import UsageError
from provlog.model.graph import ProvGraph

__all__ = ["write_jsonld"]


def write_jsonld(graph: ProvGraph) -> Iterator[str]:
    """Yield the graph as PROV-JSONLD.

    Raises
    ------
    UsageError
        If the graph has mentions: PROV-JSONLD has no term for them.
    """
    if any(part.relations["mentionOf"] for part in (graph, *graph.bundles.values())):
        raise UsageError("jsonld cannot hold mentions (mentionOf); use another format")
    yield graph.to_prov().serialize(format="jsonld") or ""
    yield "\n"
