"""Compiled libraries announce the files that they open."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from provlog.run.libraries import LIBRARIES


def test_a_function_announces_its_file_and_stays_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[tuple[Any, ...]] = []
    monkeypatch.setattr(sys, "audit", lambda *event: events.append(event))
    module: Any = ModuleType("h5py._hl.files")
    module.make_fid = lambda *args, **kwargs: (args, kwargs)
    LIBRARIES["h5py._hl.files"](module)
    assert module.make_fid(b"x.h5", "r", None, swmr=True) == ((b"x.h5", "r", None), {"swmr": True})
    module.make_fid(3, "w", None)
    assert events == [("open", b"x.h5", "r", 0)]


def test_another_version_of_the_library_stays_as_it_is() -> None:
    module = ModuleType("h5py._hl.files")
    LIBRARIES["h5py._hl.files"](module)
    assert not hasattr(module, "make_fid")
