"""Entries of docstrings for parameters and results, in three styles."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog.definitions.docstrings import (
    Documented,
    documented_parameters,
    documented_result,
    first_sentence,
)
from provlog.definitions.load import load

NUMPYDOC = """
Fit the models.

Parameters
----------
path : `~pathlib.Path`
    Where the datasets are. Not opened
    before they are needed.
low, high : float
    The energies.
label
    A text.

Returns
-------
fit, covariance : `Fit`
    The fit. Good or bad.
"""
GOOGLE = """
Fit the models.

Args:
    path (Path): Where the datasets are. Not opened
        before they are needed.
    low (float): The energies.
    high (float): The energies.
    label: A text.

Returns:
    Fit: The fit. Good or bad.
"""
SPHINX = """
Fit the models.

:param Path path: Where the datasets are. Not opened
    before they are needed.
:param float low: The energies.
:param float high: The energies.
:param label: A text.
:returns: The fit. Good or bad.
:rtype: Fit
"""


def with_docstring(text: str) -> Any:
    def function() -> None: ...

    function.__doc__ = text
    return function


@pytest.mark.parametrize("text", [NUMPYDOC, GOOGLE, SPHINX])
def test_entries_in_three_styles(text: str) -> None:
    function = with_docstring(text)
    found = documented_parameters(function)
    assert {name: entry.type.strip("`~").rpartition(".")[2] for name, entry in found.items()} == {
        "path": "Path", "low": "float", "high": "float", "label": "",
    }  # fmt: skip
    assert [entry.description for entry in found.values()] == [
        "Where the datasets are.", "The energies.", "The energies.", "A text.",
    ]  # fmt: skip
    result = documented_result(function)
    assert (result.type.strip("`"), result.description) == ("Fit", "The fit.")
    assert result.name == ("fit" if text is NUMPYDOC else "")


def test_real_functions() -> None:
    assert documented_parameters(load) == {"path": Documented("path", "The file.", "path")}
    assert documented_result(load).type == "Definitions"
    assert documented_parameters(len) == documented_parameters(inspect) == {}
    assert documented_result(len) == Documented()


def test_a_generator_has_no_result() -> None:
    assert documented_result(with_docstring("Go.\n\nYields\n------\nint\n    One.")) == Documented()


def test_attributes_of_a_class_are_not_parameters() -> None:
    function = with_docstring("A.\n\nAttributes\n----------\na : int\n    One.")
    assert documented_parameters(function) == {}


@given(
    st.lists(
        st.sampled_from([*NUMPYDOC.splitlines(), *GOOGLE.splitlines(), *SPHINX.splitlines(), ":", ""])
        | st.text(max_size=12)
    ).map("\n".join)
)  # fmt: skip
def test_any_docstring_has_entries_or_none(text: str) -> None:
    function = with_docstring(text)
    for entry in (*documented_parameters(function).values(), documented_result(function)):
        assert "\n" not in entry.description


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("  Fit. It all", "Fit."),
        ("Fit it\nall", "Fit it all"),
        ("Fit e.g. this.\n\nMore", "Fit e.g. this."),
        ("Fit!\n   More", "Fit!"),
        ("Use 1.5 TeV", "Use 1.5 TeV"),
    ],
)
def test_first_sentence(text: str, expected: str) -> None:
    assert first_sentence(text) == expected
