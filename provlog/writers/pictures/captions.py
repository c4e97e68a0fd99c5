"""Labels and tooltips of the nodes and edges of a picture.

All functions return lines of plain text; :mod:`provlog.writers.pictures.dot` writes them as DOT.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import PurePath

from provlog.graphs.descriptive import described_lines, parameter_line
from provlog.graphs.typed_entities import is_description
from provlog.model.descriptions import Descriptions
from provlog.model.graph import Activity, Agent, Element, Entity
from provlog.model.values import moment
from provlog.text import clock, duration, printable, seconds_between
from provlog.writers.pictures.nodes import Edge, Members, Node

__all__ = [
    "caption", "details", "edge_caption", "edge_details", "frame_caption", "kind_caption", "notes",
    "one_line",
]  # fmt: skip

_LONGEST = 40
_LONGEST_TITLE = 80
_LONGEST_VALUE = 60
_LONGEST_DETAIL = 500
_LONGEST_ID = 14
_END_OF_ID = 4
_MOST_DETAILS = 40
_MOST_VALUES = 3
_MOST_ROLES = 3
_MOST_NOTES = 12
_PARAMETER = "param:"
_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_TIMES = "\N{MULTIPLICATION SIGN}"
_BLANKS = re.compile(r"\s+")
_NUMBER = re.compile(r"(\d+)", re.ASCII)
# Attributes that the caption already shows.
_IN_CAPTION = frozenset({"prov:label", "dcterms:identifier"})


def one_line(text: str, longest: int = _LONGEST) -> str:
    """Return a text on one line, with its middle omitted if it is too long.

    Examples
    --------
    >>> one_line("a\\nb  c")
    'a b c'
    >>> one_line("drs4_pedestal.Run01804.0000.calibration.fits.gz")
    'drs4_pedestal.Run01804.0…ibration.fits.gz'
    """
    if len(text) > 4 * longest:
        # Skip the middle, which is omitted in any case, to save time.
        text = f"{text[: 2 * longest]}{_ELLIPSIS}{text[-2 * longest :]}"
    line = printable(_BLANKS.sub(" ", text).strip())
    if len(line) <= longest:
        return line
    end = longest * 2 // 5
    return f"{line[: longest - end]}{_ELLIPSIS}{line[-end:]}"


def caption(node: Node, members: Members | None = None, role: str = "") -> list[str]:
    """Return the lines of a node's label: its name, its file or its times, its short id.

    Parameters
    ----------
    node : Node
        The node.
    members : dict, optional
        The members of each collection in the node, wherever they are drawn.
    role : str
        The role in an activity, for elements without a name.
    """
    span = _span(node.elements)
    lines = [
        line if line == span else one_line(line)
        for line in _CAPTIONS[node.kind](node, members or {}, role)
    ]
    # A program's own name often is the type in lower case: show only one of them.
    different: dict[str, str] = {}
    for line in filter(None, lines):
        different.setdefault(line.casefold(), line)
    return list(different.values())


def frame_caption(session: Node, contents: Iterable[Node]) -> str:
    """Return the title of a session's frame: the name, the start and the end."""
    elements = [element for node in (session, *contents) for element in node.elements]
    return ", ".join(
        filter(None, [one_line(_session_name(session.head), _LONGEST_TITLE), _span(elements)])
    )


def edge_caption(edge: Edge) -> list[str]:
    """Return the lines of an edge's label: the kind, the number of relations, and the roles."""
    roles = [one_line(f"({role})") for role in edge.roles if role]
    kind = kind_caption(edge.kind, edge.times)
    return [kind, *_first(roles, len(roles), _MOST_ROLES, "more roles")]


def kind_caption(kind: str, times: int) -> str:
    """Return the label of a kind of relation, with the number of relations.

    Examples
    --------
    >>> kind_caption("used", 1)
    'used'
    """
    return kind if times == 1 else f"{kind} {_TIMES}{times:,}"


def details(
    node: Node, inside: Counter[str], descriptions: Descriptions | None = None
) -> list[str]:
    """Return the lines of a node's tooltip: attributes, or the names of its elements.

    Parameters
    ----------
    node : Node
        The node.
    inside : Counter
        The number of relations of each kind among its elements.
    descriptions : Descriptions, optional
        The descriptions of activities, entities and parameters.
    """
    if len(node.elements) == 1:
        facts = list(_facts(node.head, descriptions or Descriptions()))
        return _cut(facts, len(facts))
    totals = [_contents(node.elements)]
    totals += [f"{kind} within: {times:,}" for kind, times in inside.items()]
    return _cut(chain(totals, map(_all_names, node.elements)), len(totals) + len(node.elements))


def edge_details(edge: Edge) -> list[str]:
    """Return the lines of an edge's tooltip: its ends and the roles."""
    lines = [_end(edge.source), edge.kind, _end(edge.target)]
    if edge.times > 1:
        lines.append(f"{edge.times:,} relations")
        lines += [f"{role}: {times:,}" for role, times in edge.roles.items() if role]
    return _cut(lines, len(lines))


def _end(node: Node) -> str:
    if len(node.elements) == 1:
        return _all_names(node.head)
    if node.kind != "session":
        return _many(node, "")
    if any(map(_is_session, node.elements[1:])):
        return _contents(node.elements)
    return f"{_session_name(node.head)}: {_contents(node.elements[1:])}"


def notes(node: Node, *, parameters: bool, attributes: bool) -> list[str]:
    """Return the lines of the note beside a node: parameters and other attributes.

    If the elements of a node have different values, the note shows their number.
    """
    found: dict[str, dict[str, None]] = {}
    for element in node.elements:
        for name in element.attributes:
            if name not in _IN_CAPTION and (
                parameters if name.startswith(_PARAMETER) else attributes
            ):
                texts = map(str, element.values(name))
                found.setdefault(name.removeprefix(_PARAMETER), {}).update(dict.fromkeys(texts))
    lines = [
        f"{one_line(name)} = {one_line(', '.join(texts), _LONGEST_VALUE)}"
        if len(node.elements) == 1 or len(texts) == 1
        else f"{one_line(name)}: {len(texts):,} values"
        for name, texts in found.items()
    ]
    return _first(lines, len(lines), _MOST_NOTES, "more")


def _first(lines: Iterable[str], count: int, most: int, rest: str) -> list[str]:
    """Return all lines, or the first ones and the number of the others."""
    if count <= most:
        return list(lines)
    return [*islice(lines, most - 1), f"{_ELLIPSIS} {count - most + 1:,} {rest}"]


def _cut(lines: Iterable[str], count: int) -> list[str]:
    shortened = (one_line(line, _LONGEST_DETAIL) for line in lines)
    return _first(shortened, count, _MOST_DETAILS, "more")


def _facts(element: Element, descriptions: Descriptions) -> Iterator[str]:
    yield element.id
    if isinstance(element, Activity):
        yield from (f"start: {element.start}",) * bool(element.start)
        yield from (f"end: {element.end}",) * bool(element.end)
    yield from described_lines(descriptions, element)
    for name in element.attributes:
        lines = [
            parameter_line(descriptions, element, name, value) or f"{name}: {value}"
            for value in element.values(name)
        ]
        yield from _first(lines, len(lines), _MOST_VALUES, f"more {name}")


def _all_names(element: Element) -> str:
    names = [element.name, _file_name(element), element.id]
    return "  ".join(dict.fromkeys(name for name in names if name))


def _activity(node: Node, members: Members, role: str) -> Iterator[str]:
    yield node.head.name if len(node.elements) == 1 else _many(node, role)
    yield _span(node.elements)
    yield _failures(node.elements)
    if len(node.elements) == 1:
        yield _short_id(node.head)


def _failures(elements: Sequence[Element]) -> str:
    """Return the failure of an activity; for several, the number of failed ones."""
    found = [item.failure for item in elements if isinstance(item, Activity)]
    failures = [failure for failure in found if failure is not None]
    return (
        failures[0] if failures and len(found) == 1 else f"{len(failures)} failed" * bool(failures)
    )


def _entity(node: Node, members: Members, role: str) -> Iterator[str]:
    name = _name(node.head, members.get(node.head, ()), role)
    inner = [member for found in members.values() for member in found]
    if len(node.elements) == 1:
        yield name
        yield _counted(len(inner), "member") if inner else ""
        yield _content(node.head)
        yield _short_id(node.head)
    elif node.collections and len(members) == 1:
        yield f"{name}: {_counted(len(inner), 'member')}"
        yield from _range(inner)
    elif node.collections:
        yield f"{name}: {_counted(len(members), 'collection')}"
        yield _counted(len(inner), "member")
    else:
        yield _many(node, role)
        yield from _range(node.elements)


def _agent(node: Node, members: Members, role: str) -> Iterator[str]:
    yield node.head.name if len(node.elements) == 1 else _many(node, role)


def _session(node: Node, members: Members, role: str) -> Iterator[str]:
    sessions = [item for item in node.elements if _is_session(item)]
    names = {_session_name(item) for item in sessions}
    yield names.pop() if len(names) == 1 else "sessions"
    yield _span(node.elements)
    # The name already says that it is one session.
    counted = node.elements[1:] if len(sessions) == 1 else node.elements
    yield from _contents(counted).split(", ") if counted else ()


_CAPTIONS: dict[str, Callable[[Node, Members, str], Iterator[str]]] = {
    "activity": _activity,
    "entity": _entity,
    "agent": _agent,
    "session": _session,
}
_PLURALS = {"activity": "activities", "entity": "entities"}
_KINDS = {Activity: "activity", Agent: "agent", Entity: "entity", Element: "entity"}


def _counted(count: int, thing: str) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> _counted(1, "activity"), _counted(1500, "activity"), _counted(2, "member")
    ('1 activity', '1,500 activities', '2 members')
    """
    return f"{count:,} {thing if count == 1 else _PLURALS.get(thing, f'{thing}s')}"


def _many(node: Node, role: str) -> str:
    """Return the common name of several elements, and their number."""
    name = _name(node.head, (), role)
    if any(_name(element, (), role) != name for element in node.elements):
        return _contents(node.elements)
    count = len(node.elements)
    return (
        f"{name}, {count:,} times"
        if node.kind == "activity"
        else (f"{name}, {_counted(count, node.kind)}")
    )


def _is_session(element: Element) -> bool:
    return isinstance(element, Activity) and "provlog:Session" in element.values("prov:type")


def _session_name(session: Element) -> str:
    return f"session {session.name}"


def _contents(elements: Iterable[Element]) -> str:
    """Return the number of elements of each kind."""
    counts = Counter(
        "session" if _is_session(element) else _KINDS[type(element)] for element in elements
    )
    return ", ".join(_counted(count, kind) for kind, count in counts.items())


def _name(element: Element, members: Sequence[Element] = (), role: str = "") -> str:
    """Return the name of an element: its own, or that of its members, role or file."""
    if element.label != element.id:
        return element.label
    kind = next((kind for kind in element.types() if not kind.startswith("prov:")), "")
    if kind:
        return kind
    names = {_name(member) for member in members} - {_NAMELESS}
    if len(names) == 1:
        name = names.pop()
        return name if name.endswith("s") else f"{name}s"
    return role or _file_name(element) or ("collection" if members else _NAMELESS)


_NAMELESS = "entity"


def _file_name(element: Element) -> str:
    """Return the file name in the location or the id, or else the location as it is."""
    ids = (raw for raw in map(str, element.values("dcterms:identifier")) if "/" in raw)
    path = next((str(path) for path in (*element.values("prov:location"), *ids)), "")
    return PurePath(path).name or path


def _content(element: Element) -> str:
    """Return the file name of an entity, or its name in the program, and its value if short."""
    name = _file_name(element)
    value = next((str(value) for value in element.values("prov:value")), "")
    if not value or len(value) > _LONGEST_ID:
        return name
    return f"{name} = {value}" if name else f"= {value}"


def _short_id(element: Element) -> str:
    """Return the id, shortened to its beginning and end, since ids of objects often begin alike."""
    if is_description(element):
        return str(element.values("prov:type")[0]).rpartition(":")[2]
    raw = str(next(iter(element.values("dcterms:identifier")), element.id))
    if "/" in raw:
        return PurePath(raw).name
    raw = raw.rpartition(":")[2] or raw
    if len(raw) <= _LONGEST_ID:
        return raw
    return f"{raw[:_END_OF_ID]}{_ELLIPSIS}{raw[-_END_OF_ID:]}"


def _range(elements: Iterable[Element]) -> Iterator[str]:
    """Yield the first and the last id or file name of the elements, if these are informative."""
    listed = list(elements)
    for naming in (_short_id, _file_name):
        names = {naming(element) for element in listed}
        if len(names) == len(listed) > 0 and not any(
            not name or _ELLIPSIS in name for name in names
        ):
            ordered = sorted(names, key=_natural)
            line = " ... ".join(dict.fromkeys((ordered[0], ordered[-1])))
            yield from [line] if len(line) <= _LONGEST else [ordered[0], f"... {ordered[-1]}"]
            return


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a sort key that orders numbers in names by value, as people do."""
    return [
        (len(part.lstrip("0")) if part.isdecimal() else 0, part.lstrip("0"))
        for part in _NUMBER.split(name)
    ]


def _span(elements: Iterable[Element]) -> str:
    """Return the start and duration of an activity; for several, the first start and last end."""
    activities = [item for item in elements if isinstance(item, Activity)]
    times = [time for item in activities for time in (item.start, item.end) if time]
    if not times:
        return ""
    if len(activities) == 1:
        (activity,) = activities
        took = seconds_between(activity.start, activity.end)
        began = clock(activity.start) or f"ended {clock(activity.end)}"
        return began if took is None else f"{began}, {duration(took)}"
    first, last = clock(min(times, key=moment)), clock(max(times, key=moment))
    day, _, _ = first.partition(" ")
    return first if first == last else f"{first} to {last.removeprefix(f'{day} ')}"
