"""``provlog explore``: a page and a browser that shows it."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import pytest

from provlog.cli import main
from tests.samples import EXCERPT

Capsys = pytest.CaptureFixture[str]


def explored(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as done:
        main(["explore", str(EXCERPT), *arguments])
    return done.value.code


def test_a_temporary_page_is_opened(capsys: Capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: not opened.append(address))  # type: ignore[func-returns-value]
    assert explored() == 0
    path = Path(capsys.readouterr().out.strip())
    assert opened == [path.as_uri()]
    assert "<title>presentation-excerpt.log</title>" in path.read_text(encoding="utf-8")


def test_a_page_is_written_where_there_is_no_browser(
    capsys: Capsys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    page = tmp_path / "page.html"
    assert explored("-o", str(page), "--title", "<an excerpt>") == 0
    printed = capsys.readouterr()
    assert printed.out == f"{page}\n"
    assert "no browser was found" in printed.err
    assert "<title>&lt;an excerpt&gt;</title>" in page.read_text(encoding="utf-8")
    assert explored("-o", str(page), "--no-browser") == 0
    assert "no browser" not in capsys.readouterr().err


def test_an_input_is_not_overwritten(capsys: Capsys) -> None:
    assert explored("-o", str(EXCERPT)) == 2
    assert "is an input" in capsys.readouterr().err
