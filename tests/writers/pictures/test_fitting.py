"""Pictures fit two screens, with text that can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import provlog
from provlog.writers.pictures.dot import notes_on
from provlog.writers.pictures.fitting import MAX_HEIGHT, MAX_WIDTH, fitting, pixels
from provlog.writers.pictures.graphviz import render
from provlog.writers.pictures.options import Drawing
from tests.samples import LOGS, NAMES, SAMPLES

PAGE = Path("docs/pictures.md")
LABEL_POINTS = 9
POINTS_PER_INCH = 72


@cache
def drawn(name: str) -> tuple[int, int, float, list[str]]:
    """Return width, height, height of the smallest text in pixels, and the notes."""
    graph = provlog.read(SAMPLES / name)
    dpi = 96.0

    def noting(dot: str, format: str) -> bytes:
        nonlocal dpi
        found = re.search(r"dpi=([\d.]+)", dot)
        dpi = float(found[1]) if found else 96.0
        return render(dot, format)

    picture, sketch = fitting(graph, Drawing(), "png", noting)
    width, height = pixels(picture, "png")
    return (
        int(width),
        int(height),
        LABEL_POINTS * dpi / POINTS_PER_INCH,
        [*notes_on(sketch.folding)],
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_log_fits_two_screens(name: str) -> None:
    width, height, text, _ = drawn(name)
    assert width <= MAX_WIDTH
    assert height <= MAX_HEIGHT
    assert text >= 9


def rows() -> Iterator[str]:
    for name in NAMES:
        width, height, text, notes = drawn(name)
        folded = notes[0].removeprefix("folded: ").partition(",")[0] if notes else ""
        yield f"| {name} | {width:,} x {height:,} | {text:.1f} | {folded} |"


def test_the_table_of_sizes_is_that_of_the_pictures(accept: bool) -> None:
    """Fonts and versions of Graphviz differ: widths may by a tenth."""
    page = PAGE.read_text(encoding="utf-8")
    head, start, rest = page.partition("|---|---|---|---|\n")
    assert start
    table, blank, rest = rest.partition("\n\n")
    if accept:
        PAGE.write_text(head + start + "\n".join(rows()) + blank + rest, encoding="utf-8")
        return
    for written, made in zip(table.splitlines(), rows(), strict=True):
        one, other = ([cell.strip() for cell in row.split("|")] for row in (written, made))
        assert one[1] == other[1]
        assert numbers(one[2]) == pytest.approx(numbers(other[2]), rel=0.1)
        assert one[4] == other[4]


def numbers(cell: str) -> list[float]:
    return [float(number.replace(",", "")) for number in cell.split(" x ")]


def test_without_a_limit_nothing_is_folded_or_scaled() -> None:
    graph = provlog.read(SAMPLES / "lstosa-0.9.5.log")
    picture, sketch = fitting(graph, Drawing(max_nodes=0), "png", render)
    assert pixels(picture, "png")[0] > MAX_WIDTH
    assert sketch.folding.steps == []


@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
def test_sizes_are_those_at_96_pixels_per_inch(format: str) -> None:
    width, height = pixels(
        render("digraph { size=10; a [width=3, height=2, fixedsize=true] }", format), format
    )
    assert (width, height) == pytest.approx((3 * 96 + 11, 2 * 96 + 11), abs=3)


def test_a_picture_that_never_fits_is_drawn_after_the_last_step() -> None:
    graph = provlog.read(LOGS[0])

    def huge(dot: str, format: str) -> bytes:
        return b"\x89PNG".ljust(16) + (10**6).to_bytes(4) * 2

    _, sketch = fitting(graph, Drawing(), "png", huge)
    assert sketch.folding.is_last


def test_a_picture_of_unknown_size_counts_as_fitting() -> None:
    assert pixels(b"\xff\xd8\xff\xe0", "jpg") == (1.0, 1.0)
