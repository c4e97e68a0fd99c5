"""Read YAML with the place of each value, safe against careless and hostile files.

PyYAML silently takes the last of two equal keys, crashes on deeply nested lists, and
expands a few lines of aliases to gigabytes; this module reports them instead. It
supports the types of JSON, and dates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode, YAMLError
from yaml.constructor import SafeConstructor

from provlog.definitions.findings import Path, Place
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.origin import Origin

__all__ = ["Document", "read_yaml"]

MAX_SIZE = 1_000_000
MAX_DEPTH = 50
MAX_VALUES = 50_000

_START: Place = (1, 1)
_YAML = "tag:yaml.org,2002:"
_MERGE = f"{_YAML}merge"
_NULL = f"{_YAML}null"
_TAGS: dict[type[Node], set[str]] = {
    MappingNode: {f"{_YAML}map"},
    SequenceNode: {f"{_YAML}seq"},
    ScalarNode: {f"{_YAML}{kind}" for kind in ("null", "bool", "int", "float", "str", "timestamp")},
}


class _Unreadable(Exception):  # noqa: N818
    """The document cannot be read any further."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


class Document:
    """The content of a YAML file.

    Parameters
    ----------
    file : str
        The name of the file in messages.

    Attributes
    ----------
    data : Any
        Mappings, lists and scalars; ``None`` for a file that is empty or cannot be read.
    places : dict
        The places of the key and of the value, by the path of each value.
    findings : list of Diagnostic
        Errors that prevent reading it, and duplicate keys.
    """

    def __init__(self, file: str) -> None:
        self.data: Any = None
        self.places: dict[Path, tuple[Place, Place]] = {(): (_START, _START)}
        self.findings: list[Diagnostic] = []
        self._file = file

    def add(self, place: Place, message: str, code: str = "PL601") -> None:
        """Add a diagnostic."""
        self.findings.append(Diagnostic(code, Origin(self._file, *place), message))


class _Walk:
    """Convert the nodes of a document to values, and remember their places."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._construct = SafeConstructor().construct_object
        self._seen = 0
        self._converters: dict[type[Node], Callable[[Any, Path], Any]] = {
            MappingNode: self._mapping,
            SequenceNode: self._list,
            ScalarNode: self._scalar,
        }

    def value(self, node: Node, path: Path, key: Place) -> Any:
        """Return the value of a node, and remember its place."""
        place = _place(node)
        if len(path) > MAX_DEPTH:
            raise _Unreadable(place, f"nested deeper than {MAX_DEPTH}, or in itself")
        self._count(node)
        self._document.places[path] = (key, place)
        if node.tag in _TAGS[type(node)]:
            return self._converters[type(node)](node, path)
        self._document.add(place, f"unsupported tag {node.tag}")
        return None

    def _count(self, node: Node) -> None:
        self._seen += 1
        if self._seen > MAX_VALUES:
            raise _Unreadable(_place(node), f"more than {MAX_VALUES:,} values, with the aliases")

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        own: dict[str, Place] = {}
        for key_node, value_node, is_own in self._pairs(node):
            place = _place(key_node)
            key = self._key(key_node)
            if is_own and key in own:
                self._document.add(place, f"key {key!r} is also in line {own[key][0]}", "PL603")
            elif key is not None and key not in found:
                if is_own:
                    own[key] = place
                found[key] = self.value(value_node, (*path, key), place)
        return found

    def _pairs(self, node: MappingNode, depth: int = 0) -> Iterator[tuple[Node, Node, bool]]:
        """Yield keys and values, those of the mapping itself before those that it merges."""
        if depth > MAX_DEPTH:
            raise _Unreadable(_place(node), "merged with itself")
        merged: list[Node] = []
        for key, value in node.value:
            self._count(key)
            if key.tag == _MERGE:
                merged += value.value if isinstance(value, SequenceNode) else [value]
            else:
                yield key, value, depth == 0
        for other in merged:
            self._count(other)
            if not isinstance(other, MappingNode):
                raise _Unreadable(_place(other), "only a mapping can be merged")
            yield from self._pairs(other, depth + 1)

    def _key(self, node: Node) -> str | None:
        if isinstance(node, ScalarNode) and node.tag != _NULL:
            # The text itself, because YAML 1.1 reads the keys `on` and `1` as other types.
            return str(node.value)
        self._document.add(_place(node), "text is expected as a key", "PL602")
        return None

    def _list(self, node: SequenceNode, path: Path) -> list[Any]:
        return [
            self.value(item, (*path, number), _place(item))
            for number, item in enumerate(node.value)
        ]

    def _scalar(self, node: ScalarNode, _: Path) -> Any:
        try:
            return self._construct(node)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, YAMLError):
            # PyYAML's patterns for numbers and dates match more than Python can represent.
            kind = node.tag.removeprefix(_YAML)
            self._document.add(_place(node), f"{node.value!r} is not a valid {kind}")
            return None


def _place(found: Node | yaml.Event) -> Place:
    return _place_of(found.start_mark)


def _place_of(mark: Any) -> Place:
    # Errors of the decoder have no mark.
    return (mark.line + 1, mark.column + 1) if mark is not None else _START


def read_yaml(content: bytes, file: str) -> Document:
    """Read YAML; faults become findings of the document.

    Parameters
    ----------
    content : bytes
        The text, in UTF-8.
    file : str
        The name of the file in messages.

    Examples
    --------
    >>> document = read_yaml(b"a:\\n  b: [1, x]", "x.yaml")
    >>> document.data, document.places["a", "b"]
    ({'a': {'b': [1, 'x']}}, ((2, 3), (2, 6)))
    """
    document = Document(file)
    try:
        node = _composed(_decoded(content))
        document.data = _Walk(document).value(node, (), _START) if node is not None else None
    except _Unreadable as error:
        document.add(error.place, str(error))
    return document


def _decoded(content: bytes) -> str:
    if len(content) > MAX_SIZE:
        raise _Unreadable(_START, f"larger than {MAX_SIZE // 1_000_000} MB: not a definition file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = len(before.rpartition(b"\n")[2].decode(errors="replace")) + 1
        raise _Unreadable((before.count(b"\n") + 1, column), "not UTF-8 text") from error


def _composed(text: str) -> Node | None:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        depth = 0
        # Check the depth first: PyYAML's composer is recursive and would crash.
        for event in yaml.parse(text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise _Unreadable(_place(event), f"nested deeper than {MAX_DEPTH}")
        composed: Node | None = yaml.compose(text, Loader=loader)
    except YAMLError as error:
        raise _invalid_yaml(error) from error
    return composed


def _invalid_yaml(error: YAMLError) -> _Unreadable:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    parts = [getattr(error, name, None) for name in ("context", "problem", "reason")]
    words = ", ".join(text for text in parts if text)
    return _Unreadable(_place_of(mark), f"invalid YAML: {words}")
