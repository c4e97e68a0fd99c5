"""Keep the text that follows the two ends of a qualified relation, which many relations share."""

from __future__ import annotations

from collections.abc import Callable

from provlog.model.graph import ABSENT, QualifiedRelation

__all__ = ["Tails", "has_only_ends"]

# With more, each relation may well have attributes of its own: stop caching.
_MOST = 1000


class Tails:
    """The texts that follow the ends of relations.

    Parameters
    ----------
    write : callable
        Returns the text for a relation. It depends on neither the ends nor the id nor the time.
    """

    def __init__(self, write: Callable[[QualifiedRelation], str]) -> None:
        self._write = write
        self._known: dict[object, str] = {}

    def of(self, relation: QualifiedRelation) -> str:
        """Return the text for a relation."""
        key = (relation.role, relation.type, relation.attributes, relation.arguments)
        tail = self._known.get(key)
        if tail is None:
            tail = self._write(relation)
            if len(self._known) < _MOST:
                self._known[key] = tail
        return tail


def has_only_ends(relation: QualifiedRelation) -> bool:
    """Return whether a relation has both ends, and neither an id nor a time."""
    return (
        relation.id is None
        and relation.time is None
        and relation.source is not ABSENT
        and relation.target is not ABSENT
    )
