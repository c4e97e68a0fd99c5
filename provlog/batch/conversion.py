"""Options of the conversion that are the same for all logs of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from provlog.building.reading import Reading
from provlog.writers import ATTRIBUTES

if TYPE_CHECKING:
    from provlog.definitions.classes import Definitions

__all__ = ["Conversion"]


class Conversion(Struct, frozen=True):
    """How logs are read and written; the options of ``provlog convert``.

    Parameters
    ----------
    namespaces : dict
        IRIs by prefix: for the prefix ``log``, or for prefixes of the logs' ids.
    bundles : bool
        Put each session into a bundle.
    reader : str, optional
        The name of the reader of all logs, if it is not to be detected.
    definitions : Definitions, optional
        Definitions of activities; they come before those in the logs.
    describe : bool
        Whether definitions become descriptions, and descriptions in documents stay.
    parameters : str
        How W3C documents state parameters: as ``attributes`` or as ``entities``.
    """

    namespaces: dict[str, str] = field(default_factory=dict)
    bundles: bool = False
    reader: str | None = None
    definitions: Definitions | None = None
    describe: bool = True
    parameters: str = ATTRIBUTES

    def reading(self) -> Reading:
        """Return a new reading of logs with these options."""
        return Reading(
            self.namespaces,
            reader=self.reader,
            definitions=self.definitions,
            describe=self.describe,
        )

    def key(self) -> list[object]:
        """Return plain data that is equal for equal outputs of a log."""
        return [
            sorted(self.namespaces.items()),
            self.bundles,
            self.reader,
            None if self.definitions is None else repr(self.definitions.source),
            self.describe,
            self.parameters,
        ]
