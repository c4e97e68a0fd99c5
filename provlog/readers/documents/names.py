"""Resolve the qualified names of a document, with one prefix for each namespace."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection

from provlog.model.identifiers import are_plain
from provlog.model.namespaces import PROV, XSD, own_namespace
from provlog.model.values import safe_text

__all__ = ["UNDECLARED", "Names", "Problem"]

UNDECLARED = "PL009"

Problem = Callable[[str, str, str], None]
"""Receives the code of a problem, its message, and a text in the document at its place."""

# The namespace of XML Schema has no "#" at its end, unlike the xsd namespace of PROV.
_FIXED = {PROV: "prov", XSD: "xsd", XSD.rstrip("#"): "xsd"}
_TAKEN = frozenset({"prov", "xsd", "xsi", "default"})
_PREFIX = re.compile(r"[^\W\d_][\w-]*")
_NOT_IRI = re.compile(r'[\s<>"{}|\\^`\x00-\x20]')
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
# The end of an IRI that is its local part, if no namespace is declared for it.
_LOCAL = re.compile(r"[^/#:]+[/#:]*\Z|.\Z", re.DOTALL)


class Names(dict[str, str]):
    """Resolver of the names in a document or a bundle: ``names[text]`` is the graph's name.

    A name keeps its prefix, with two exceptions: prefixes that a format reserves are
    renamed, and of several prefixes for one namespace only the first is used.

    Parameters
    ----------
    namespaces : dict
        IRIs by prefix, to be filled.
    problem : callable
        Receives undeclared prefixes.
    outer : Names, optional
        The names of the document, for a bundle in it.
    """

    def __init__(
        self, namespaces: dict[str, str], problem: Problem, outer: Names | None = None
    ) -> None:
        super().__init__()
        self.namespaces = namespaces
        self._problem = problem
        self._outer = outer
        self._numbers = Counter[str]()
        # The graph's prefixes by prefix in the document, and by IRI.
        self.scope: dict[str, str] = {} if outer is None else dict(outer.scope)
        self._by_iri: dict[str, str] = {} if outer is None else dict(outer._by_iri)
        self._lengths = {len(PROV), len(XSD), *map(len, self._by_iri)}
        self.scope.setdefault("prov", "prov")
        self.scope.setdefault("xsd", "xsd")

    def declare(self, prefix: str, iri: str) -> str:
        """Declare a namespace and return the graph's prefix for it."""
        iri = _NOT_IRI.sub(lambda match: f"%{ord(match[0]):02X}", iri)
        own = self.prefix_for(iri, prefix)
        before = self.scope.get(prefix)
        if before != own:
            self.scope[prefix] = own
            if before is not None:
                self.clear()
        return own

    def continue_in(self, namespaces: dict[str, str]) -> None:
        """Use the namespaces of a bundle that an earlier part of the document began."""
        own = self.namespaces
        if own is namespaces:
            return
        declared = [(prefix, own[found]) for prefix, found in self.scope.items() if found in own]
        self.namespaces = namespaces
        self._by_iri = {iri: found for iri, found in self._by_iri.items() if found not in own}
        self._by_iri |= {iri: found for found, iri in namespaces.items()}
        self._lengths.update(map(len, self._by_iri))
        self.clear()
        for prefix, iri in declared:
            self.scope[prefix] = self.prefix_for(iri, prefix)

    def prefix_for(self, iri: str, wanted: str) -> str:
        """Return the graph's prefix of a namespace, the wanted one if it is free."""
        own = _FIXED.get(iri) or self._by_iri.get(iri)
        if own is None:
            own = self._free(wanted)
            if self._outer is not None and own in self._outer.namespaces:
                # From here on, the prefix means something else than in the document.
                self._by_iri = {known: name for known, name in self._by_iri.items() if name != own}
            self._by_iri[iri] = own
            self._lengths.add(len(iri))
            self.namespaces[own] = iri
        return own

    def _free(self, wanted: str) -> str:
        is_usable = _PREFIX.fullmatch(wanted) and not wanted.lower().startswith("xml")
        base = wanted if not wanted or is_usable else "ns"
        own = base
        while own in self.namespaces or own in _TAKEN:
            self._numbers[base] += 1
            own = f"{base or 'ns'}_{self._numbers[base]}"
        return own

    def named(self, iri: str, local: str, wanted: str = "ns") -> str:
        """Return the qualified name of a local part in a namespace."""
        own = self.prefix_for(iri, wanted)
        if not own and ":" in local:
            # A reader would take its beginning for a prefix.
            own = self.prefix_for(f"{iri}{local.partition(':')[0]}:", "ns")
            local = local.partition(":")[2]
        return f"{own}:{safe_text(local)}" if own else safe_text(local)

    def knows(self, text: str) -> bool:
        """Return whether the prefix of a name is declared."""
        prefix, colon, _ = text.partition(":")
        return (prefix if colon else "") in self.scope

    def keeps(self, texts: Collection[str]) -> bool:
        """Return fast whether the graph has all these names as the document writes them.

        Every format then writes them unchanged.
        """
        prefixes = {text.partition(":")[0] for text in texts}
        if any(self.scope.get(prefix) != prefix for prefix in prefixes) or not are_plain(texts):
            return False
        self.update(zip(texts, texts, strict=True))
        return True

    def __missing__(self, text: str) -> str:
        """Resolve a name in the document."""
        found = self[text] = self._resolved(text)
        return found

    def _resolved(self, text: str) -> str:
        prefix, colon, local = text.partition(":")
        own = self.scope.get(prefix if colon else "")
        if own and own == prefix and local.isprintable():
            return text
        if own is not None:
            rest = local if colon else text
            if not own and ":" in rest:
                outer = self._outer or self
                iri = self.namespaces.get("") or outer.namespaces.get("", "")
                return self.named(iri, rest)
            return f"{own}:{safe_text(rest)}" if own else safe_text(rest)
        if _IRI.match(text):
            return self.of_iri(text)
        message = (
            f"prefix {prefix!r} of {text!r} is not declared"
            if colon
            else f"{text!r} has no prefix, and there is no default namespace"
        )
        prefix = prefix if colon else "undeclared"
        self._problem(UNDECLARED, f"{message}: declared as {own_namespace(prefix)}", text)
        self.declare(prefix if colon else "", own_namespace(prefix))
        return self._resolved(text)

    def in_namespace(self, iri: str) -> str | None:
        """Return the name of an IRI in the longest namespace that is declared, if there is one."""
        for length in range(len(iri) - 1, 0, -1):
            if length in self._lengths:
                namespace = iri[:length]
                if namespace in self._by_iri or namespace in {PROV, XSD}:
                    return self.named(namespace, iri[length:])
        return None

    def of_iri(self, iri: str) -> str:
        """Return the name of an IRI, in a namespace that is declared or in a new one."""
        found = self.in_namespace(iri)
        if found is not None:
            return found
        local = _LOCAL.search(iri)
        cut = 0 if local is None else local.start()
        return self.named(iri[:cut] or own_namespace("iri"), iri[cut:])
