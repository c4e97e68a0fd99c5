"""The colours of pictures."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

import provlog
from provlog.errors import UsageError
from provlog.writers.pictures.options import Drawing
from provlog.writers.pictures.themes import THEMES
from tests.drawings import dot_of
from tests.samples import SAMPLES

GRAPH = provlog.read(SAMPLES / "gammapy-2020-04.log")
COLOUR = re.compile(r'(?:color|fillcolor|fontcolor)="(#\w{6})"')


@pytest.mark.parametrize("name", THEMES)
def test_a_theme_replaces_all_its_colours(name: str) -> None:
    drawing = Drawing(theme=name, legend=True, parameters=True, descriptions=True)
    colours = set(COLOUR.findall(dot_of(GRAPH, drawing)))
    assert colours
    assert not colours & (set(THEMES[name]) - set(THEMES[name].values()))


def test_grey_is_grey() -> None:
    colours = COLOUR.findall(dot_of(GRAPH, Drawing(theme="grey", legend=True)))
    assert all(each[1:3] == each[3:5] == each[5:7] for each in colours)


def test_kinds_differ_in_brightness_without_colour() -> None:
    fills = [THEMES["grey"][each] for each in ("#FFFC87", "#9FB1FC", "#FDB266")]
    levels = sorted(int(fill[1:3], 16) for fill in fills)
    assert all(later - earlier > 24 for earlier, later in pairwise(levels))


def test_an_unknown_theme_is_an_error() -> None:
    with pytest.raises(UsageError, match="theme: 'neon' is not one of w3c, colour-blind, grey"):
        dot_of(GRAPH, Drawing(theme="neon"))
