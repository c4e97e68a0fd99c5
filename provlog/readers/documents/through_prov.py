"""Read PROV-N with the ``prov`` library."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from prov.model import ProvDocument

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.errors import InputError
from provlog.files.source import Source
from provlog.model.graph import ProvGraph
from provlog.origin import Origin
from provlog.readers.documents.assembly import LEFT_OUT
from provlog.readers.documents.places import located
from provlog.readers.documents.prov_document import from_prov

__all__ = ["read_provn"]


def _read(source: Source, report: Report, **options: Any) -> ProvGraph:
    """Return the graph of a document that the library reads.

    Raises
    ------
    InputError
        If the document is invalid.
    """
    data = source.read(report)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{source.name}: invalid UTF-8 in line {line}") from None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            document = ProvDocument.deserialize(content=text, **options)
        except RecursionError:
            raise InputError(f"{source.name}: the document is nested too deeply") from None
        # The parsers raise many kinds of errors.
        except Exception as error:  # noqa: BLE001
            reason = " ".join(str(error).split()) or type(error).__name__
            raise InputError(f"{source.name}: invalid document: {reason[:300]}") from None
    for message in dict.fromkeys(
        str(item.message) for item in caught if "prov" in item.category.__module__
    ):
        report(Diagnostic(LEFT_OUT, Origin(source.name, 1, 1), " ".join(message.split())))
    return from_prov(document, located(data, source.name, report))


Read = Callable[[Source, Report], ProvGraph]

read_provn: Read = partial(_read, format="provn")
