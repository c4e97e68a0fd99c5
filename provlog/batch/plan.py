"""What is to be done: which logs become what, and where."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import Struct, field

from provlog.batch.layout import check_layout, first_overwritten, output_path
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.errors import UsageError
from provlog.files.find import Found
from provlog.model.namespaces import with_declared
from provlog.version import __version__
from provlog.writers import Format

__all__ = ["MERGED", "Plan", "check_plan"]

MERGED = Found("", "merged")
"""Stands for all logs, where one document is made of them; no log has this path."""


class Plan(Struct, frozen=True):
    """What a batch has to do.

    Parameters
    ----------
    logs : sequence of Found
        The logs.
    formats : sequence of Format
        What each becomes.
    folder : str
        Where to, a path or a URL.
    missing : sequence of Diagnostic
        What was asked for and not found.
    namespaces : dict
        IRIs by prefix: for the prefix ``log``, or for prefixes of the logs' ids.
    bundles : bool
        Put each session into a bundle.
    merge : bool
        Make one document of all logs.
    reader : str, optional
        The name of the reader of all logs, if it is not to be detected.
    """

    logs: Sequence[Found]
    formats: Sequence[Format]
    folder: str
    missing: Sequence[Diagnostic] = ()
    namespaces: dict[str, str] = field(default_factory=dict)
    bundles: bool = False
    merge: bool = False
    reader: str | None = None

    def places(self) -> Iterator[str]:
        """Yield where all outputs are, without their suffixes."""
        for log in (MERGED,) if self.merge else self.logs:
            yield log.place

    def outputs(self, place: str) -> dict[str, str]:
        """Return the paths or URLs of outputs by the name of the format."""
        return {format.name: output_path(self.folder, place, format) for format in self.formats}

    def digest(self) -> str:
        """Return the digest of all that decides how a log is written."""
        names = sorted(format.name for format in self.formats)
        decisive = [__version__, names, sorted(self.namespaces.items()), self.bundles, self.reader]
        return hashlib.blake2b(msgspec.json.encode(decisive), digest_size=8).hexdigest()


def check_plan(plan: Plan, reports: Iterable[str] = ()) -> None:
    """Raise if a plan cannot be carried out.

    Parameters
    ----------
    plan : Plan
        The plan.
    reports : iterable of str
        Other files that will be written.

    Raises
    ------
    UsageError
        If two logs have the same output, an output is a log or a report, a picture
        should have bundles, or a namespace is none.
    MissingExtraError
        If a format needs a package that is not installed.
    """
    if not plan.merge:
        check_layout(plan.logs, plan.formats, plan.folder)
    for others, why in (
        ([log.path for log in plan.logs], "is an input; name another folder for the outputs"),
        (reports, "is the output of a log; name another file for the report"),
    ):
        path = first_overwritten(others, plan.places(), plan.formats, plan.folder)
        if path is not None:
            raise UsageError(f"{path}: {why}")
    pictures = [format.name for format in plan.formats if format.is_picture]
    if plan.bundles and pictures:
        raise UsageError(f"{pictures[0]}: a picture has no bundles: sessions are frames in it")
    with_declared(plan.namespaces)
    for format in plan.formats:
        # What it needs is missing for all logs, or for none.
        _ = format.write
