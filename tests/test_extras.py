"""Functions that are imported at their first use."""

from __future__ import annotations

import pytest

from provlog.errors import MissingExtraError
from provlog.extras import imported


def test_a_missing_package_is_reported_with_the_extra() -> None:
    with pytest.raises(MissingExtraError, match=r"turtle needs .* 'provlog\[rdf\]'"):
        imported("provlog.no_such_module", "read", "turtle", "rdf")


def test_without_an_extra_the_error_of_the_import_is_raised() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        imported("provlog.no_such_module", "read", "turtle", None)
