"""``provlog explore``."""

from __future__ import annotations

import click

from provlog.cli.documents import check_output, page_title, write_output
from provlog.cli.logs import Inputs, log_options, store_option
from provlog.cli.messages import print_message, print_text
from provlog.cli.selection import Selection, selection_options
from provlog.writers import FORMATS
from provlog.writers.pictures.options import Drawing

__all__ = ["explore"]


@click.command()
@log_options
@store_option
@click.option(
    "-o", "--output", type=click.Path(), help="The page to write.  [default: a temporary file]"
)
@selection_options
@click.option("--title", default="", help="Title of the page.  [default: the names of the logs]")
@click.option("--browser/--no-browser", default=True, help="Open the page.  [default: browser]")
def explore(
    inputs: Inputs, output: str | None, selection: Selection, title: str, browser: bool
) -> None:
    """Open the provenance in LOGS in the browser, as a page to explore.

    The page is one file of HTML that works offline and can be mailed. Its path is printed.

    \b
    provlog explore run.log
    provlog explore night/*.log --activity r0_to_dl1
    provlog explore run.log --focus flux.fits -o flux.html
    """
    if output is not None:
        check_output(output, inputs.paths)
    part, focus = selection.read(inputs)
    from pathlib import Path

    if output is None:
        from tempfile import mkdtemp

        output = str(Path(mkdtemp(prefix="provlog-")) / "explorer.html")
    drawing = Drawing(title=title or page_title(inputs), focus=focus)
    write_output(part, output, FORMATS["html"], drawing)
    print_text(output)
    import webbrowser

    if browser and not webbrowser.open(Path(output).resolve().as_uri()):
        print_message("provlog: no browser was found: open the page yourself")
