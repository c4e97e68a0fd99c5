"""Read the reference metadata inside data products, which name the activity that made them.

The provenance of that activity is in a provenance log, not in the product.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

from provlog.diagnostics.diagnostic import Report
from provlog.errors import InputError
from provlog.files.source import Source
from provlog.model.events import EntityDescribed, Event, LogStarted
from provlog.model.identifiers import digest
from provlog.origin import Origin
from provlog.readers.ctapipe.reference import PREFIX, maker_of, product_attributes, product_id

__all__ = ["PREFIX", "plain", "product_events"]


def product_events(
    source: Source, report: Report, metadata: Callable[[IO[bytes] | str], Mapping[str, Any]]
) -> Iterator[Event]:
    """Yield the events of the metadata in a product.

    Parameters
    ----------
    source : Source
        The opened file.
    report : callable
        Receives the diagnostics as they are found.
    metadata : callable
        Returns the metadata in a file, given its path or a stream.

    Raises
    ------
    InputError
        If the file is damaged.
    """
    origin = Origin(source.name, 1, 1)
    try:
        # The libraries read only parts of a local file.
        meta = metadata(source.path if source.is_plain else io.BytesIO(source.read(report)))
    except Exception as error:
        # h5py and astropy raise various exceptions for damaged files.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{source.name}: cannot be read: {reason}") from error
    product = product_id(meta)
    if product is not None:
        yield from _described(source, product, meta, origin)


def _described(
    source: Source, product: str, meta: Mapping[str, Any], origin: Origin
) -> Iterator[Event]:
    yield LogStarted(origin, digest(product))
    attributes: dict[str, Any] = {"prov:type": "File", **product_attributes(meta)}
    if source.is_plain:
        path = os.path.abspath(source.path)
        attributes |= {"prov:label": os.path.basename(path), "prov:location": path}
    yield EntityDescribed(origin, product, attributes)
    if (maker := maker_of(product, meta, origin)) is not None:
        yield maker


def plain(value: Any) -> Any:
    """Return a value without numpy types and bytes; PyTables writes text as either."""
    value = value.item() if hasattr(value, "item") else value
    return value.decode(errors="replace") if isinstance(value, bytes) else value
