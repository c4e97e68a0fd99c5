"""Plan a batch: map each input log to its output files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import Struct, field

from provlog.batch.conversion import Conversion
from provlog.batch.layout import check_layout, first_overwritten, output_path
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.errors import UsageError
from provlog.files.find import Found
from provlog.model.namespaces import with_declared
from provlog.version import __version__
from provlog.writers import Format

__all__ = ["MERGED", "Plan", "check_plan"]

MERGED = Found("", "merged")
"""The placeholder for all logs of a merged document, which is not a valid path of a log."""


class Plan(Struct, frozen=True):
    """The logs, formats and options of a batch.

    Parameters
    ----------
    logs : sequence of Found
        The logs.
    formats : sequence of Format
        The formats of the outputs.
    folder : str
        The folder of the outputs, a path or a URL.
    missing : sequence of Diagnostic
        Inputs that were named but not found.
    conversion : Conversion
        How each log is converted.
    merge : bool
        Merge all logs into one document.
    """

    logs: Sequence[Found]
    formats: Sequence[Format]
    folder: str
    missing: Sequence[Diagnostic] = ()
    conversion: Conversion = field(default_factory=Conversion)
    merge: bool = False

    def places(self) -> Iterator[str]:
        """Yield the paths of all outputs, without their suffixes."""
        for log in (MERGED,) if self.merge else self.logs:
            yield log.place

    def outputs(self, place: str) -> dict[str, str]:
        """Return the paths or URLs of outputs by the name of the format."""
        return {format.name: output_path(self.folder, place, format) for format in self.formats}

    def digest(self) -> str:
        """Return the digest of all options that affect the outputs."""
        names = sorted(format.name for format in self.formats)
        options = [__version__, names, *self.conversion.key()]
        return hashlib.blake2b(msgspec.json.encode(options), digest_size=8).hexdigest()


def check_plan(plan: Plan, reports: Iterable[str] = ()) -> None:
    """Raise if a plan is impossible.

    Parameters
    ----------
    plan : Plan
        The plan.
    reports : iterable of str
        Files that will be written beside the outputs.

    Raises
    ------
    UsageError
        If two logs have the same output, an output is a log or a report, bundles are
        requested for a picture, or a namespace is invalid.
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
    if plan.conversion.bundles and pictures:
        raise UsageError(
            f"{pictures[0]}: a picture cannot show bundles: it draws each session in a frame"
        )
    with_declared(plan.conversion.namespaces)
    for format in plan.formats:
        # Fail now if the packages of a format are missing, not once per log.
        _ = format.write
