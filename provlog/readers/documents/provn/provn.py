"""Read PROV-N: The Provenance Notation, W3C Recommendation of 30 April 2013.

https://www.w3.org/TR/prov-n/

The reader takes one statement after the other. It leaves out a faulty statement, with a diagnostic
at the fault, and continues with the next one.
"""

from __future__ import annotations

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.errors import InputError
from provlog.files.source import Source
from provlog.model.elements import gathered
from provlog.model.graph import Bundle, ProvGraph
from provlog.model.relations import DERIVATIONS, RELATIONS, RelationKind
from provlog.model.values import QUALIFIED_NAME, Literal, Value, qname
from provlog.origin import Origin
from provlog.patterns import regex
from provlog.readers.documents.assembly import LEFT_OUT, Assembly
from provlog.readers.documents.json_text import integer
from provlog.readers.documents.names import Names
from provlog.readers.documents.places import Lines
from provlog.readers.documents.provn.grammar import (
    PAIR,
    USUAL,
    FaultError,
    Token,
    Tokens,
    WrittenValue,
    skip_arguments,
    statement,
)  # fmt: skip
from provlog.readers.documents.sessions import restore_sessions
from provlog.readers.truncated.complete import TRUNCATED

__all__ = ["read_provn"]

_ELEMENTS = {"entity": 1, "activity": 3, "agent": 1}
_RELATIONS: dict[str, tuple[RelationKind, str | None]] = {
    name: (kind, None) for name, kind in RELATIONS.items()
} | {name: (RELATIONS["wasDerivedFrom"], type) for name, (_, type) in DERIVATIONS.items()}
_DECLARATIONS = ("prefix", "default")
_STRUCTURE = ("document", "endDocument", "bundle", "endBundle", *_DECLARATIONS)
_BEGINNINGS = frozenset({*_ELEMENTS, *_RELATIONS, *_STRUCTURE})

_ESCAPE = regex(r"\\(.)")
_CHARACTERS = {
    "\\t": "\t", "\\b": "\b", "\\n": "\n", "\\r": "\r", "\\f": "\f", '\\"': '"', "\\'": "'",
}  # fmt: skip


def read_provn(source: Source, report: Report) -> ProvGraph:
    """Return the graph of a PROV-N document.

    Raises
    ------
    InputError
        If the document is not UTF-8 text, or nothing in it can be read.
    """
    data = source.read(report)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{source.name}: invalid UTF-8 in line {line}") from None
    reader = _Reader(text, source.name)
    reader.read()
    if not reader.count and reader.problems:
        place, message = reader.problems[0].origin, reader.problems[0].message
        where = f"line {place.line}, column {place.column}"
        raise InputError(f"{source.name}: invalid PROV-N in {where}: {message}")
    for problem in reader.problems:
        report(problem)
    restore_sessions(reader.graph)
    return reader.graph


class _Reader:
    """Reader of the statements of a document, and of the bundles in it."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.lines = Lines(text)
        self.problems: list[Diagnostic] = []
        # The statement that is read, and the number of those that were.
        self.start = self.end = self.count = 0
        self.graph = ProvGraph(namespaces={})
        self.names = self.outer = Names(self.graph.namespaces, self.problem)
        self.assembly = Assembly(self.graph, self.names, self.problem)
        self.assemblies = [self.assembly]
        self.written: dict[str, str] = {}

    def problem(self, code: str, message: str, text: str) -> None:
        """Report a problem at a text of the statement that is read."""
        position = self.text.find(text, self.start, self.end)
        self.fault(code, message, self.start if position < 0 else position)

    def fault(self, code: str, message: str, position: int) -> None:
        origin = Origin(self.name, *self.lines.place(position))
        self.problems.append(Diagnostic(code, origin, message))

    def read(self) -> None:
        """Read the document."""
        position: int | None = self.begin()
        while position is not None:
            position = self.read_usual(position)
            self.start = position
            position = self.read_other(position)
        for assembly in self.assemblies:
            assembly.finish()

    def begin(self) -> int:
        """Return the position after the keyword of a document."""
        token = next(Tokens(self.text, 0))
        if token.text == "document":
            return token.end
        self.fault(LEFT_OUT, f"expected 'document' instead of {token}", token.start)
        return 0

    def read_usual(self, position: int) -> int:
        """Read usual statements; return the position of the first other one."""
        text, match, split = self.text, USUAL.match, PAIR.split
        while (found := match(text, position)) is not None:
            keyword, arguments, content = found.groups()
            if keyword not in _BEGINNINGS:
                break
            pairs: list[tuple[str, WrittenValue]] = []
            if content:
                parts = split(content)
                if any(parts[::7]):
                    break
                pairs = [
                    (parts[index], WrittenValue(*parts[index + 1 : index + 6]))
                    for index in range(1, len(parts), 7)
                ]
            identifier, semicolon, rest = arguments.partition(";")
            if not semicolon:
                identifier, rest = None, arguments
            if ";" in rest:
                break
            listed = [argument.strip() for argument in rest.split(",")]
            self.start, self.end = found.start(1), found.end()
            try:
                self.add(keyword, identifier and identifier.strip(), listed, pairs)
            except FaultError as fault:
                self.fault(LEFT_OUT, f"{fault}: left out", self.start)
            position = found.end()
        return position

    def read_other(self, position: int) -> int | None:
        """Read one statement by its tokens; return its end, or the beginning of the next one."""
        tokens = Tokens(self.text, position)
        first = next(tokens)
        self.start = first.start
        try:
            if first.kind == "end":
                message = "the document ends without 'endDocument'; the statements before were kept"
                self.fault(TRUNCATED, message, first.start)
                return None
            if first.text == "endDocument":
                self.end_document(first, tokens)
                return None
            self.statement(first, tokens)
        except FaultError as fault:
            self.fault(LEFT_OUT, f"{fault}: left out", fault.position)
            return self.recovered(first.end)
        return tokens.position

    def statement(self, first: Token, tokens: Tokens) -> None:
        """Read a statement after its first token."""
        keyword = first.text
        if first.kind != "name" or keyword == "document":
            raise FaultError(first.start, f"expected a statement instead of {first}")
        if keyword in _DECLARATIONS:
            self.declare(keyword, tokens)
        elif keyword == "bundle":
            self.begin_bundle(first, tokens)
        elif keyword == "endBundle":
            if self.names is self.outer:
                raise FaultError(first.start, "'endBundle' without a bundle")
            self.end_bundle()
        elif keyword in _BEGINNINGS:
            tokens.take("(")
            identifier, arguments, pairs = statement(tokens)
            self.end = tokens.position
            try:
                self.add(keyword, identifier, arguments, pairs)
            except FaultError as fault:
                self.fault(LEFT_OUT, f"{fault}: left out", first.start)
        elif ":" in keyword:
            skip_arguments(tokens)
            message = f"{keyword!r} is an extension that PROV does not define: left out"
            self.fault(LEFT_OUT, message, first.start)
        else:
            raise FaultError(first.start, f"{keyword!r} is not a kind of PROV statement")

    def recovered(self, position: int) -> int:
        """Return where the next statement begins: the first in a line, or after a parenthesis."""
        before, end = "", position
        for token in Tokens(self.text, position):
            if token.kind == "end":
                break
            is_first = before == ")" or "\n" in self.text[end : token.start]
            is_call = token.kind == "name" and self.text.startswith("(", token.end)
            if is_first and (is_call or token.text in _STRUCTURE):
                return token.start
            before, end = token.text, token.end
        return len(self.text)

    def declare(self, keyword: str, tokens: Tokens) -> None:
        prefix = tokens.take_kind("name", "a prefix").text if keyword == "prefix" else ""
        self.names.declare(prefix, tokens.take_kind("iri", "an IRI").text)
        self.written.clear()

    def begin_bundle(self, first: Token, tokens: Tokens) -> None:
        """Read the name of a bundle and its declarations, which are valid for its name, too."""
        name = tokens.take_kind("name", "the name of a bundle")
        self.end = name.end
        if self.names is not self.outer:
            self.fault(LEFT_OUT, "a bundle in a bundle: taken for one beside it", first.start)
        bundle = Bundle(id="")
        self.names = Names(bundle.namespaces, self.problem, self.outer)
        self.count += 1
        self.written.clear()
        try:
            position = tokens.position
            while (token := next(tokens)).text in _DECLARATIONS:
                self.declare(token.text, tokens)
                position = tokens.position
            tokens.position = position
        finally:
            bundle.id = self.names[self.resolved(name.text)]
            bundle = self.graph.bundles.setdefault(bundle.id, bundle)
            self.names.continue_in(bundle.namespaces)
            self.assembly = Assembly(bundle, self.names, self.problem)
            self.assemblies.append(self.assembly)

    def end_bundle(self) -> None:
        self.names, self.assembly = self.outer, self.assemblies[0]
        self.written.clear()

    def end_document(self, first: Token, tokens: Tokens) -> None:
        if self.names is not self.outer:
            self.fault(LEFT_OUT, "the last bundle has no 'endBundle'", first.start)
        following = next(tokens)
        if following.kind != "end":
            self.fault(LEFT_OUT, f"{following} after 'endDocument': left out", following.start)

    def add(
        self,
        keyword: str,
        identifier: str | None,
        listed: list[str],
        written: list[tuple[str, WrittenValue]],
    ) -> None:
        """Add a statement.

        Raises
        ------
        FaultError
            If a statement of its kind does not have these arguments.
        """
        arguments = [None if text == "-" else text for text in listed]
        kind, type = _RELATIONS.get(keyword, (None, None))
        most = _ELEMENTS[keyword] if kind is None else len(kind.formals)
        if len(arguments) > most:
            raise FaultError(self.start, f"{keyword} has at most {most} arguments")
        if kind is None and (arguments[0] is None or identifier is not None):
            raise FaultError(self.start, f"{keyword} has one identifier, without a semicolon")
        self.count += 1
        pairs = [(self.names[self.resolved(name)], self.value(value)) for name, value in written]
        if kind is None:
            element = self.assembly.declare(
                keyword, self.resolved(arguments[0] or ""), gathered(pairs)
            )
            if len(arguments) > 1:
                start, end = (*arguments[1:], None)[:2]
                self.assembly.set_times(element, start, end)
            return
        if type is not None:
            pairs.insert(0, ("prov:type", qname(type)))
        stated = {
            formal.name: text if formal.refers_to == "time" else self.resolved(text)
            for formal, text in zip(kind.formals, arguments, strict=False)
            if text is not None
        }
        own = None if identifier in {None, "-"} else self.resolved(identifier or "")
        self.assembly.relate(kind, own, stated, pairs)

    def resolved(self, text: str) -> str:
        r"""Return a name without its escapes (``ex:a\=b``); only its first colon ends a prefix."""
        if "\\" not in text:
            return text
        found = self.written.get(text)
        if found is None:
            prefix, colon, local = text.partition(":")
            if prefix.endswith("\\") or "\\" in prefix:
                prefix, colon, local = "", "", text
            local = _ESCAPE.sub(r"\1", local)
            found = f"{prefix}{colon}{local}"
            if not colon and ":" in local and "" in self.names.scope:
                # A name in the default namespace, with a colon.
                default = self.names.scope[""]
                iri = self.names.namespaces.get(default) or self.outer.namespaces[default]
                found = self.names.named(iri, local)
                self.names[found] = found
            self.written[text] = found
        return found

    def value(self, written: WrittenValue) -> Value:
        """Return a value."""
        string, datatype, language, quoted, number = written
        if string is not None:
            text = string[3:-3] if string.startswith('"""') else string[1:-1]
            if "\\" in text:
                text = _unescaped(text)
            name = "" if datatype is None else self.resolved(datatype)
            return self.assembly.value(text, name, language)
        if quoted is not None:
            return Literal(self.names[self.resolved(quoted)], QUALIFIED_NAME)
        assert number is not None
        is_integer = number.removeprefix("-").isdigit()
        return Literal(*integer(number)) if is_integer else Literal(number, "xsd:double")


def _unescaped(text: str) -> str:
    """Return a string with characters for their escapes; unknown escapes stay."""
    parts = text.split("\\\\")
    for escape, character in _CHARACTERS.items():
        if escape in text:
            parts = [part.replace(escape, character) for part in parts]
    return "\\".join(parts)
