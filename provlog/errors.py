"""The exceptions of provlog.

    ProvlogError
    ├── UsageError       a name, option or combination that is invalid
    │   └── MissingExtraError   an optional dependency that is not installed
    ├── InputError       an input that cannot be read, or that holds no record
    │   └── DefinitionError     a definition file with errors
    └── OutputError      an output that cannot be written

A problem in a log is a :class:`~provlog.diagnostics.diagnostic.Diagnostic`, not an
exception, as long as the rest of the log can be read.
"""

from __future__ import annotations

__all__ = [
    "DefinitionError",
    "InputError",
    "MissingExtraError",
    "OutputError",
    "ProvlogError",
    "UsageError",
]


class ProvlogError(Exception):
    """Base class of all errors that provlog raises.

    Attributes
    ----------
    exit_code : int
        The exit code of the command line.
    """

    exit_code = 1


class UsageError(ProvlogError):
    """A name or an option is invalid, or a combination of them."""

    exit_code = 2


class MissingExtraError(UsageError):
    """A format needs a package that is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs more packages: pip install 'provlog[{extra}]'")


class InputError(ProvlogError):
    """An input cannot be read, or holds no provenance record."""

    exit_code = 3


class DefinitionError(InputError):
    """A definition file has errors; the message lists them, one per line."""


class OutputError(ProvlogError):
    """An output cannot be written."""

    exit_code = 4
