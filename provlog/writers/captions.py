"""What stands on the nodes and edges of a picture, beside them, and in their tooltips.

All of it is plain text in lines; :mod:`provlog.writers.dot` makes DOT of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import PurePath

from provlog.folding import Edge, Node
from provlog.model import Activity, Agent, Element, Entity
from provlog.values import moment
from provlog.wording import clock, duration, printable, seconds_between

__all__ = [
    "caption", "details", "edge_caption", "edge_details", "frame_caption", "notes", "one_line",
]  # fmt: skip

_LONGEST = 34
_LONGEST_TITLE = 80
_LONGEST_ID = 14
_SHORT_ID = 8
_LONGEST_DETAIL = 500
_MOST_DETAILS = 40
_MOST_ROLES = 3
_MOST_NOTES = 12
_PARAMETER = "param:"
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_TIMES = "\N{MULTIPLICATION SIGN}"
_BLANKS = re.compile(r"\s+")
_NUMBER = re.compile(r"(\d+)", re.ASCII)
# The caption says them.
_SAID = frozenset({"prov:label", "dcterms:identifier"})


def one_line(text: str, longest: int = _LONGEST) -> str:
    """Return a text on one line, without its middle if it is too long.

    Examples
    --------
    >>> one_line("a\\nb  c")
    'a b c'
    >>> one_line("drs4_pedestal.Run01804.0000.calibration.fits.gz")
    'drs4_pedestal.Run018…ation.fits.gz'
    """
    line = printable(_BLANKS.sub(" ", text).strip())
    if len(line) <= longest:
        return line
    end = longest * 2 // 5
    return f"{line[: longest - end - 1]}{_ELLIPSIS}{line[-end:]}"


def caption(node: Node, members: Sequence[Element] = ()) -> list[str]:
    """Return the lines of a node's label: its name, its file or its times, its short id.

    Parameters
    ----------
    node : Node
        The node.
    members : sequence of Element
        Of a collection, the members that are nodes of their own.
    """
    lines = _CAPTIONS[node.kind](node, members)
    return [line for line in dict.fromkeys(map(one_line, lines)) if line]


def frame_caption(node: Node) -> str:
    """Return the title of a session's frame: its name, when it began, how long it took."""
    return ", ".join(
        filter(None, [one_line(_session_name(node.head), _LONGEST_TITLE), _span([node.head])])
    )


def edge_caption(edge: Edge) -> list[str]:
    """Return the lines of an edge's label: its kind, how often, and the roles."""
    kind = edge.kind if edge.times == 1 else f"{edge.kind} {_TIMES}{edge.times:,}"
    roles = [one_line(f"({role})") for role in edge.roles if role]
    return [kind, *_first(roles, _MOST_ROLES, "more roles")]


def details(node: Node) -> list[str]:
    """Return the lines of a node's tooltip: all that is known of it."""
    if len(node.elements) == 1:
        return _cut(_facts(node.head))
    return _cut([_contents(node.elements), *map(_naming, node.elements)])


def edge_details(edge: Edge) -> list[str]:
    """Return the lines of an edge's tooltip: what it leads from and to, in which roles."""
    said = [_naming(edge.source.head), edge.kind, _naming(edge.target.head)]
    if edge.times > 1:
        said.append(f"{edge.times:,} relations")
    said += [f"{role}: {times:,}" for role, times in edge.roles.items() if role]
    return _cut(said)


def notes(node: Node, *, parameters: bool, attributes: bool) -> list[str]:
    """Return the lines of the note beside a node: its parameters, its other attributes.

    What differs among the elements of a node is counted.
    """
    found: dict[str, dict[str, None]] = {}
    for element in node.elements:
        for name in element.attributes:
            if name not in _SAID and (parameters if name.startswith(_PARAMETER) else attributes):
                texts = map(str, element.values(name))
                found.setdefault(name.removeprefix(_PARAMETER), {}).update(dict.fromkeys(texts))
    lines = [
        f"{one_line(name)} = {one_line(', '.join(texts))}"
        if len(node.elements) == 1 or len(texts) == 1
        else f"{one_line(name)}: {len(texts):,} values"
        for name, texts in found.items()
    ]
    return _first(lines, _MOST_NOTES, "more")


def _first(lines: list[str], most: int, rest: str) -> list[str]:
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], f"{_ELLIPSIS} {len(lines) - most + 1:,} {rest}"]


def _cut(lines: Iterable[str]) -> list[str]:
    return _first([one_line(line, _LONGEST_DETAIL) for line in lines], _MOST_DETAILS, "more")


def _facts(element: Element) -> Iterator[str]:
    yield element.id
    if isinstance(element, Activity):
        yield from (f"start: {element.start}",) * bool(element.start)
        yield from (f"end: {element.end}",) * bool(element.end)
    for name in element.attributes:
        yield from (f"{name}: {value}" for value in element.values(name))


def _naming(element: Element) -> str:
    return element.id if element.label == element.id else f"{element.label} ({element.id})"


def _activity(node: Node, members: Sequence[Element]) -> Iterator[str]:
    yield node.head.label if len(node.elements) == 1 else _many(node)
    yield _span(node.elements)
    if len(node.elements) == 1:
        yield _short_id(node.head)


def _entity(node: Node, members: Sequence[Element]) -> Iterator[str]:
    inner = node.members
    if len(node.collections) == 1:
        yield f"{_name(node.head, inner)}: {len(inner):,} members"
        yield from _range(inner)
    elif node.collections:
        yield f"{_name(node.head, inner)}: {len(node.collections):,} collections"
        yield f"{len(inner):,} members"
        yield from _range(inner)
    elif len(node.elements) > 1:
        yield _many(node)
        yield from _range(node.elements)
    else:
        yield _name(node.head, members)
        yield f"{len(members)} member{'s' * (len(members) > 1)}" if members else ""
        yield _content(node.head)
        yield _short_id(node.head)


def _agent(node: Node, members: Sequence[Element]) -> Iterator[str]:
    yield node.head.label if len(node.elements) == 1 else _many(node)


def _session(node: Node, members: Sequence[Element]) -> Iterator[str]:
    sessions = [item for item in node.elements if _is_session(item)]
    names = dict.fromkeys(map(_session_name, sessions))
    yield next(iter(names)) if len(names) == 1 else f"{len(sessions):,} sessions"
    yield _span(node.elements)
    if len(node.elements) > 1:
        parts = node.elements if len(sessions) > 1 else node.elements[1:]
        yield from _contents(parts).split(", ")


_CAPTIONS: dict[str, Callable[[Node, Sequence[Element]], Iterator[str]]] = {
    "activity": _activity,
    "entity": _entity,
    "agent": _agent,
    "session": _session,
}


def _many(node: Node) -> str:
    """Name several elements by what they are all called, and count them."""
    names = {_name(element) for element in node.elements}
    if len(names) > 1:
        return _contents(node.elements)
    times = "times" if node.kind == "activity" else _COUNTED[type(node.head)]
    return f"{names.pop()}, {len(node.elements):,} {times}"


def _is_session(element: Element) -> bool:
    return "provlog:Session" in element.values("prov:type")


def _session_name(session: Element) -> str:
    named = session.label != session.id
    return f"session {session.label if named else _short_id(session)}"


# The plural by what it is that is counted.
_COUNTED = {Activity: "activities", Agent: "agents", Entity: "entities"}


def _contents(elements: Iterable[Element]) -> str:
    """Return how many elements of each kind there are; all of them are counted."""
    counts = Counter(
        "sessions" if _is_session(element) else _COUNTED.get(type(element), "elements")
        for element in elements
    )
    singular = {"activities": "activity", "entities": "entity"}
    return ", ".join(
        f"{count:,} {kind if count > 1 else singular.get(kind, kind.removesuffix('s'))}"
        for kind, count in counts.items()
    )


def _name(element: Element, members: Sequence[Element] = ()) -> str:
    """What an element is called; a collection without a name is called after its members."""
    if element.label != element.id:
        return element.label
    kinds = [str(kind) for kind in element.values("prov:type")]
    kind = next((kind for kind in kinds if not kind.startswith("prov:")), "")
    if kind:
        return kind
    names = {_name(member) for member in members}
    if len(names) == 1:
        name = names.pop()
        return name if name.endswith("s") else f"{name}s"
    return "collection" if "prov:Collection" in kinds else _file_name(element) or "entity"


def _file_name(element: Element) -> str:
    """The file name in the location or the id, or what else the location is."""
    ids = (raw for raw in map(str, element.values("dcterms:identifier")) if "/" in raw)
    path = next((str(path) for path in (*element.values("prov:location"), *ids)), "")
    return PurePath(path).name or path


def _content(element: Element) -> str:
    """The file name of an entity, or the name that a program gave it, and its value if short."""
    name = _file_name(element)
    value = next((str(value) for value in element.values("prov:value")), "")
    if not value or len(value) > _LONGEST_ID:
        return name
    return f"{name} = {value}" if name else f"= {value}"


def _short_id(element: Element) -> str:
    """The id if a person can tell anything by it, else its beginning."""
    raw = str(next(iter(element.values("dcterms:identifier")), element.id))
    if "/" in raw:
        return PurePath(raw).name
    raw = raw.rpartition(":")[2] or raw
    return raw if len(raw) <= _LONGEST_ID else raw[:_SHORT_ID] + _ELLIPSIS


def _range(elements: Iterable[Element]) -> Iterator[str]:
    """Yield the first and the last of the elements by id or file name, if these tell anything."""
    listed = list(elements)
    for naming in (_short_id, _file_name):
        names = {naming(element) for element in listed}
        if len(names) == len(listed) and not any(_tells_nothing(name) for name in names):
            ordered = sorted(names, key=_natural)
            line = " ... ".join(dict.fromkeys((ordered[0], ordered[-1])))
            yield from [line] if len(line) <= _LONGEST else [ordered[0], f"... {ordered[-1]}"]
            return


def _tells_nothing(name: str) -> bool:
    return not name or name.endswith(_ELLIPSIS)


def _natural(name: str) -> list[tuple[int, str]]:
    """Order names as a person does: by their numbers, not by their digits."""
    return [(len(part) if part.isdecimal() else 0, part) for part in _NUMBER.split(name)]


def _span(elements: Iterable[Element]) -> str:
    """When activities ran: when it began and how long it took, or from when to when."""
    activities = [item for item in elements if isinstance(item, Activity)]
    starts = [item.start for item in activities if item.start]
    ends = [item.end for item in activities if item.end]
    start = min(starts, key=moment, default=None)
    end = max(ends, key=moment, default=None)
    if start is None or end is None:
        return clock(start or end)
    took = seconds_between(start, end)
    return clock(start) if took is None else f"{clock(start)}, {duration(took)}"
