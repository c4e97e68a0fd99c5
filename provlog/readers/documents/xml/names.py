"""Resolve the names of an XML document whose prefixes can be declared anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from xml.etree.ElementTree import Element

from provlog.model.namespaces import PROV
from provlog.readers.documents.names import UNDECLARED, Names, Problem

__all__ = ["XmlNames"]

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XML = "http://www.w3.org/XML/1998/namespace"
# The attributes of PROV-XML, by namespace and name.
_ATTRIBUTES = {
    (PROV, "id"): "id",
    (PROV, "ref"): "ref",
    (XSI, "type"): "type",
    (_XML, "lang"): "lang",
}
# The IRIs of prefixes that some documents use without declaring them.
_USUAL = {"prov": PROV, "xsi": XSI}


class XmlNames(dict[str, str]):
    """The names of a document, or of a bundle in it: ``names[tag]`` is the graph's name of a tag.

    Parameters
    ----------
    names : Names
        The names in the graph.
    problem : callable
        Receives prefixes that are not declared.
    outer : XmlNames, optional
        The names of the document, for those of a bundle.
    """

    def __init__(self, names: Names, problem: Problem, outer: XmlNames | None = None) -> None:
        super().__init__()
        self.names = names
        self._problem = problem
        self._iris: dict[str, str] = {"xml": _XML} if outer is None else dict(outer._iris)
        # The names of these attributes in the document; empty if their prefix is not declared.
        self.id = self.ref = self.type = ""
        self._find_attributes()

    def __missing__(self, tag: str) -> str:
        """Resolve a tag."""
        found = self[tag] = self.names[tag]
        return found

    def _find_attributes(self) -> None:
        prefixes = {iri: prefix for prefix, iri in self._iris.items() if prefix}
        prov = prefixes.get(PROV, "prov")
        self.id, self.ref = f"{prov}:id", f"{prov}:ref"
        self.type = f"{prefixes[XSI]}:type" if XSI in prefixes else ""

    def declare(self, attributes: Mapping[str, str]) -> None:
        """Declare the namespaces that the attributes of an element declare."""
        for key, iri in attributes.items():
            if key == "xmlns" or key.startswith("xmlns:"):
                prefix = key[6:]
                self._iris[prefix] = iri
                if iri and iri != XSI:
                    self.names.declare(prefix, iri)
        self.clear()
        self._find_attributes()

    @contextmanager
    def within(self, element: Element) -> Iterator[None]:
        """Apply the namespace declarations of an element while its content is read."""
        if not any(key.startswith("xmlns") for key, _ in element.items()):
            yield
            return
        iris, scope = dict(self._iris), dict(self.names.scope)
        self.declare(element.attrib)
        yield
        self._iris = iris
        self.names.scope.clear()
        self.names.scope.update(scope)
        self.names.clear()
        self.clear()
        self._find_attributes()

    def attributes(self, element: Element) -> dict[str, str]:
        """Return the attributes ``id``, ``ref``, ``type`` and ``lang`` of an element."""
        found = {}
        for key, value in element.items():
            prefix, _, local = key.partition(":")
            if prefix == "xmlns":
                continue
            name = _ATTRIBUTES.get((self.iri(prefix, key), local))
            if name is not None:
                found[name] = value
        return found

    def iri(self, prefix: str, name: str) -> str:
        """Return the IRI of a prefix; report one that is not declared."""
        iri = self._iris.get(prefix)
        if iri is None:
            iri = self._iris[prefix] = _USUAL.get(prefix, "")
            message = f"prefix {prefix!r} of {name!r} is not declared"
            self._problem(
                UNDECLARED, message + (f": taken for {iri}" if iri else ": left out"), name
            )
        return iri
