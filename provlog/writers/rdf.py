"""PROV-O, the PROV Ontology, in Turtle and TriG, by the ``prov`` library and rdflib.

https://www.w3.org/TR/prov-o/

rdflib names blank nodes at random. The writer renames them in the order of their
statements, so that equal graphs give equal text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO

from prov.serializers.provrdf import ProvRDFSerializer
from rdflib import XSD, BNode, Dataset, Literal
from rdflib.plugins.serializers.trig import TrigSerializer
from rdflib.plugins.serializers.turtle import TurtleSerializer
from rdflib.term import Node

from provlog.errors import UsageError
from provlog.model.graph import ProvGraph

__all__ = ["write_trig", "write_turtle"]


class _Turtle(TurtleSerializer):
    """A Turtle serializer that writes doubles in full; rdflib's short form has seven digits."""

    def label(self, node: Node, position: int) -> str:
        if isinstance(node, Literal) and node.datatype == XSD.double:
            return node.n3(self.store.namespace_manager)
        return super().label(node, position)


class _TriG(_Turtle, TrigSerializer):
    """The TriG serializer that goes with it, with the graphs in the order of their names."""

    def preprocess(self) -> None:
        self.contexts.sort(
            key=lambda graph: (graph.identifier != self.default_context, graph.identifier)
        )
        super().preprocess()


def write_turtle(graph: ProvGraph) -> Iterator[str]:
    """Yield the graph as Turtle.

    Raises
    ------
    UsageError
        If the graph has bundles: Turtle cannot name a set of statements.
    """
    if graph.bundles:
        raise UsageError("turtle cannot hold bundles; use trig")
    yield _serialized(graph, _Turtle)


def write_trig(graph: ProvGraph) -> Iterator[str]:
    """Yield the graph as TriG, with bundles as named graphs."""
    yield _serialized(graph, _TriG)


def _serialized(graph: ProvGraph, serializer: type[TurtleSerializer]) -> str:
    document = graph.to_prov()
    dataset = _with_stable_names(ProvRDFSerializer(document).encode_document(document))
    stream = BytesIO()
    serializer(dataset).serialize(stream, encoding="utf-8")
    return stream.getvalue().decode()


def _with_stable_names(dataset: Dataset) -> Dataset:
    """Return the dataset with blank nodes numbered in the order of their statements."""
    quads = list(dataset.quads())
    said: defaultdict[Node, list[tuple[str, ...]]] = defaultdict(list)
    for subject, predicate, value, _ in quads:
        if isinstance(subject, BNode):
            said[subject].append(("", predicate.n3(), value.n3()))
        if isinstance(value, BNode):
            said[value].append((subject.n3(), predicate.n3()))
    nodes = sorted(said, key=lambda node: sorted(said[node]))
    width = len(str(len(nodes)))
    names: dict[Node, BNode] = {
        node: BNode(f"n{number:0{width}}") for number, node in enumerate(nodes, 1)
    }
    stable = Dataset(default_union=True)
    for prefix, iri in dataset.namespaces():
        stable.bind(prefix, iri)
    stable.addN(
        (names.get(subject, subject), predicate, names.get(value, value), stable.graph(name))
        for subject, predicate, value, name in quads
    )
    return stable
