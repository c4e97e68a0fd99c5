"""Write a graph as the explorer: one file of HTML with data, code and layout engine.

All text from a log is data. It is packed into a block that the browser does not interpret,
and the scripts insert it as text. A Content-Security-Policy allows only the scripts of the
page, identified by their hash, and no requests.

https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from html import escape
from pathlib import Path

import msgspec

from provlog.errors import UsageError
from provlog.graphs.ivoa_view import plain
from provlog.model.graph import ProvGraph
from provlog.version import __version__
from provlog.writers.explorer.data import page_data
from provlog.writers.pictures.options import Drawing
from provlog.writers.provjson import write_provjson

__all__ = ["frame", "script", "write_html"]

_FOLDER = Path(__file__).parent
# Each module comes after those that it imports.
_MODULES = (
    "data", "document", "fonts", "draw", "canvas", "camera", "picture", "layers", "blocks",
    "layout", "view", "state", "panel", "search", "filters", "timeline", "exports", "keys", "main",
)  # fmt: skip
_IMPORT = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const)\b)", re.MULTILINE)
_GRAPHVIZ = re.compile(r"export\{[^}]*?(\w+) as Graphviz\b[^}]*\};")
_FIELD = re.compile(r"\{(\w+)\}")


def write_html(
    graph: ProvGraph, drawing: Drawing | None = None, report: Callable[[str], None] | None = None
) -> Iterator[str]:
    """Yield a page that shows the graph.

    Parameters
    ----------
    graph : ProvGraph
        The graph.
    drawing : Drawing, optional
        The page uses the title and the focus, and has controls of its own for the rest.
    report : callable, optional
        Not used, because the page shows which nodes are folded.

    Raises
    ------
    UsageError
        If the graph has bundles, which pictures do not support.
    """
    if graph.bundles:
        raise UsageError("a picture cannot show bundles: it draws each session in a frame")
    drawing = drawing or Drawing()
    title = drawing.title or "Provenance"
    fields = {
        "title": escape(title),
        "generator": f"provlog {__version__}",
        "policy": _policy(),
        "page_style": _text("page.css"),
        "picture_style": _text("picture.css"),
        "layout": _graphviz(),
        "script": script(),
        "data": _packed([msgspec.json.encode(page_data(graph, title, drawing.focus))]),
        "provjson": _packed(piece.encode() for piece in write_provjson(plain(graph))),
    }
    parts = _FIELD.split(_text("page.html"))
    for number, part in enumerate(parts):
        yield fields[part] if number % 2 else part


def frame(graph: ProvGraph) -> str:
    """Return a page in a frame of a notebook.

    The frame is sandboxed: its scripts cannot reach the notebook.
    """
    page = escape("".join(write_html(graph)))
    return (
        '<iframe sandbox="allow-scripts allow-downloads" title="Provenance" '
        'style="width: 100%; height: 600px; border: 1px solid #ccc; border-radius: 8px" '
        f'srcdoc="{page}"></iframe>'
    )


@cache
def _text(name: str) -> str:
    return (_FOLDER / "page" / name).read_text(encoding="utf-8")


@cache
def script() -> str:
    """Return the modules of the page as one script, without imports and exports."""
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", _text(f"{name}.js"))) for name in _MODULES)


@cache
def _graphviz() -> str:
    """Return Graphviz for the browser, which becomes a global instead of an export."""
    text = (_FOLDER / "vendored" / "graphviz.js").read_text(encoding="utf-8")
    return _GRAPHVIZ.sub(r"globalThis.Graphviz=\1;", text).partition("\n//# sourceMappingURL")[0]


@cache
def _policy() -> str:
    scripts = " ".join(map(_hash, (_graphviz(), script())))
    styles = " ".join(map(_hash, (_text("page.css"), _text("picture.css"))))
    return (
        f"default-src 'none'; script-src {scripts} 'wasm-unsafe-eval'; style-src {styles}; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _packed(pieces: Iterable[bytes]) -> str:
    """Return bytes compressed with gzip, without a time, so that equal graphs give equal files."""
    return base64.b64encode(gzip.compress(b"".join(pieces), 6, mtime=0)).decode()
