"""``provlog nest``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from provlog.cli.documents import (
    STDOUT,
    check_output,
    chosen_format,
    output_options,
    write_output,
)
from provlog.cli.logs import Inputs, log_options, read_logs
from provlog.cli.messages import print_message
from provlog.errors import UsageError
from provlog.writers import FORMATS, Format

if TYPE_CHECKING:
    from provlog.model.graph import ProvGraph

__all__ = ["nest"]

# As in provlog.graphs.nesting and provlog.building.linking, which take long to import.
_FORMS = ("bundle", "activities")
_LINKS = ("derivation", "specialization", "same")


@click.command()
@log_options
@output_options(default="provjson")
@click.option(
    "--as",
    "form",
    type=click.Choice(_FORMS),
    default=_FORMS[0],
    show_default=True,
    help="Nest as a bundle that the activity generated, or as parts of the activity.",
)
@click.option(
    "--link",
    type=click.Choice(_LINKS),
    default=_LINKS[0],
    show_default=True,
    help="How to link entities with the same digest, path or id.",
)
@click.option("--into", metavar="NAME", help="The activity of OUTER in which INNER is nested.")
@click.option(
    "--internal",
    type=click.Path(),
    metavar="FILE",
    help="Write the INNER provenance as OPUS's internal_provenance.json; OUTER is optional then.",
)
@click.option(
    "--collapse",
    is_flag=True,
    help="Undo nesting: replace inner provenance by inputs and outputs of the outer activity.",
)
def nest(
    inputs: Inputs,
    format_name: str | None,
    output: str,
    form: str,
    link: str,
    into: str | None,
    internal: str | None,
    collapse: bool,
) -> None:
    """Nest INNER provenance in an activity of OUTER provenance.

    The first of the LOGS is the OUTER provenance, such as the document of a job; the others are
    INNER provenance, such as the log of the job's program. The activity is the one that
    generated the INNER file, or the one that a session of INNER names (PROVLOG_PARENT). --into
    names it otherwise. A picture always shows INNER as parts of the activity.

    \b
    provlog nest job.xml inner.log -o whole.json
    provlog nest job.xml inner.log -o whole.svg
    provlog nest inner.log --internal internal_provenance.json
    provlog nest whole.json --collapse -o job.json
    """
    format = chosen_format(format_name, output) or FORMATS["provjson"]
    check_output(output, inputs.logs)
    if collapse:
        _write_collapsed(read_logs(inputs), output, format)
        return
    outer, *inner = inputs.logs
    if internal is not None:
        check_output(internal, inputs.logs)
        _write_internal(read_logs(inputs._replace(logs=tuple(inner or [outer]))), internal)
        if format_name is None and output == STDOUT:
            return
    if not inner:
        raise UsageError("only one input: name the OUTER provenance and then the INNER one")
    graph = _nested(inputs, "activities" if format.is_picture else form, link, into)
    write_output(graph, output, format)


def _write_collapsed(graph: ProvGraph, output: str, format: Format) -> None:
    from provlog.graphs.collapsing import collapsed

    found = collapsed(graph)
    if len(found.activities) == len(graph.activities) and not graph.bundles:
        print_message("provlog: no activity is nested in another one: nothing to collapse")
    write_output(found, output, format)


def _nested(inputs: Inputs, form: str, link: str, into: str | None) -> ProvGraph:
    from provlog.graphs.lookup import find_one
    from provlog.graphs.nesting import InnerProvenance, outer_activity
    from provlog.graphs.nesting import nest as nest_provenance
    from provlog.model.graph import Activity

    outer = read_logs(inputs._replace(logs=inputs.logs[:1]))
    for path in inputs.logs[1:]:
        graph = read_logs(inputs._replace(logs=(path,)))
        inner = InnerProvenance.of_file(graph, path)
        activity = outer_activity(outer, inner) if into is None else find_one(outer, into)
        if not isinstance(activity, Activity):
            raise UsageError(f"{into}: is not an activity")
        nest_provenance(outer, inner, activity, form, link)
    return outer


def _write_internal(inner: ProvGraph, path: str) -> None:
    from provlog.files.replace import replacing
    from provlog.writers.internal_provenance import write_internal_provenance

    with replacing(path) as stream:
        stream.write(write_internal_provenance(inner).encode())
