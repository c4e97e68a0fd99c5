"""The declaration of a diagnostic code."""

from __future__ import annotations

from msgspec import Struct

from provlog.diagnostics.severity import Severity

__all__ = ["Code"]


class Code(Struct, frozen=True):
    """A diagnostic code.

    Parameters
    ----------
    severity : Severity
        The severity of all diagnostics with this code.
    title : str
        A noun phrase that names the finding.
    example : tuple of str
        Lines of a log or a definition file for which provlog reports this code and no other one.
    meaning : str
        The problem, and how provlog handled it.
    remedy : str
        The action for the owner of the log or file.
    """

    severity: Severity
    title: str
    example: tuple[str, ...]
    meaning: str
    remedy: str
