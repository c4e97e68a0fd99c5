"""The table of libraries whose functions are wrapped."""

from __future__ import annotations

from provlog.run.libraries import PACKAGES, library_action
from provlog.run.libraries.wrapped import ACTIONS


def test_all_packages_of_the_table_are_known() -> None:
    assert {name.partition(".")[0] for name in ACTIONS} == PACKAGES
    assert all(library_action(name) is action for name, action in ACTIONS.items())
    assert library_action("pyarrow.absent") is library_action("json") is None
