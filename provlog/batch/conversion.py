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
    """The options for reading and writing logs, as of ``provlog convert``.

    Parameters
    ----------
    namespaces : dict
        IRIs by prefix: for the prefix ``log``, or for prefixes of the logs' ids.
    bundles : bool
        Whether to put each session into a bundle.
    reader : str, optional
        The name of the reader for all logs. By default, it is detected for each log.
    definitions : Definitions, optional
        Definitions of activities; they take precedence over those in the logs.
    describe : bool
        Whether to convert definitions to descriptions and keep descriptions in documents.
    parameters : str
        The form of parameters in W3C documents: ``attributes`` or ``entities``.
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
        """Return plain data for comparison: equal data means equal outputs of a log."""
        return [
            sorted(self.namespaces.items()),
            self.bundles,
            self.reader,
            None if self.definitions is None else repr(self.definitions.source),
            self.describe,
            self.parameters,
        ]
