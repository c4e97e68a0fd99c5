"""Read the reference metadata in an HDF5 file: attributes of its root group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import h5py

from provlog.diagnostics.diagnostic import Report
from provlog.files.source import Source
from provlog.model.events import Event
from provlog.readers.ctapipe.products import PREFIX, plain, product_events

__all__ = ["read_hdf5"]


def read_hdf5(source: Source, report: Report) -> Iterator[Event]:
    """Yield the events of the metadata; parameters as :func:`product_events`."""

    def metadata(stream: IO[bytes] | str) -> dict[str, Any]:
        with h5py.File(stream, "r") as file:
            names = [name for name in file.attrs if name.startswith(PREFIX)]
            values = {name: file.attrs[name] for name in names}
            return {
                name: plain(value)
                for name, value in values.items()
                if not isinstance(value, h5py.Empty)
            }

    return product_events(source, report, metadata)
