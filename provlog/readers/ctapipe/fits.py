"""Read the reference metadata in a FITS file: the header of its primary HDU."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from astropy.io import fits

from provlog.diagnostics.diagnostic import Report
from provlog.files.source import Source
from provlog.model.events import Event
from provlog.readers.ctapipe.products import PREFIX, plain, product_events

__all__ = ["read_fits"]


def read_fits(source: Source, report: Report) -> Iterator[Event]:
    """Yield the events of the metadata; parameters as :func:`product_events`."""

    def metadata(stream: IO[bytes] | str) -> dict[str, Any]:
        header = fits.getheader(stream, 0)
        return {name: plain(header[name]) for name in header if name.startswith(PREFIX)}

    return product_events(source, report, metadata)
