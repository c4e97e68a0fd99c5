"""What provlog raises, and nothing else.

    ProvlogError
    ├── UsageError       a name, an option or a combination that does not exist
    │   └── MissingExtraError   an optional dependency that is not installed
    ├── InputError       an input that cannot be read, or that holds no record
    │   └── DefinitionError     a definition file in which something is wrong
    └── OutputError      an output that cannot be written

Everything that is merely odd in a log is a
:class:`~provlog.diagnostics.diagnostic.Diagnostic`, not an exception.
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
    """Base class of all errors that provlog raises on purpose.

    Attributes
    ----------
    exit_code : int
        What the command line returns for it.
    """

    exit_code = 1


class UsageError(ProvlogError):
    """Something was asked for that does not exist or does not go together."""

    exit_code = 2


class MissingExtraError(UsageError):
    """A format needs a package that is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs more packages: pip install 'provlog[{extra}]'")


class InputError(ProvlogError):
    """An input cannot be read, or holds no provenance record."""

    exit_code = 3


class DefinitionError(InputError):
    """Something is wrong with the definitions of activities; all of it is told, a line each."""


class OutputError(ProvlogError):
    """An output cannot be written."""

    exit_code = 4
