"""Compare writing RDF documents with the former way, through the prov library and rdflib.

    python benchmarks/writing.py run.log turtle

Prints the seconds of each and their ratio as JSON. Both write the same graph, in one process.
"""

from __future__ import annotations

import gc
import json
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from io import BytesIO

from prov.serializers.provrdf import ProvRDFSerializer
from rdflib import BNode, Dataset
from rdflib.plugins.serializers.trig import TrigSerializer
from rdflib.plugins.serializers.turtle import TurtleSerializer
from rdflib.term import Node

import provlog
from provlog.graphs.ivoa_view import plain
from provlog.model.graph import ProvGraph

ROUNDS = 3
SERIALIZERS: dict[str, type[TurtleSerializer]] = {
    "turtle": TurtleSerializer,
    "trig": TrigSerializer,
}


def former(graph: ProvGraph, name: str) -> bytes:
    """Return a document as provlog made it when the prov library and rdflib wrote it."""
    document = graph.to_prov()
    if name == "jsonld":
        return (document.serialize(format="jsonld") or "").encode()
    dataset = with_stable_names(ProvRDFSerializer(document).encode_document(document))
    stream = BytesIO()
    SERIALIZERS[name](dataset).serialize(stream, encoding="utf-8")
    return stream.getvalue()


def with_stable_names(dataset: Dataset) -> Dataset:
    """Return the dataset with blank nodes numbered by what is stated of them."""
    quads = list(dataset.quads())
    said: defaultdict[Node, list[tuple[str, ...]]] = defaultdict(list)
    for subject, predicate, value, _ in quads:
        if isinstance(subject, BNode):
            said[subject].append(("", predicate.n3(), value.n3()))
        if isinstance(value, BNode):
            said[value].append((subject.n3(), predicate.n3()))
    nodes = sorted(said, key=lambda node: sorted(said[node]))
    names: dict[Node, BNode] = {node: BNode(f"n{number}") for number, node in enumerate(nodes, 1)}
    stable = Dataset(default_union=True)
    for prefix, iri in dataset.namespaces():
        stable.bind(prefix, iri)
    stable.addN(
        (names.get(subject, subject), predicate, names.get(value, value), stable.graph(name))
        for subject, predicate, value, name in quads
    )
    return stable


def ours(graph: ProvGraph, name: str) -> bytes:
    """Return a document as provlog writes it."""
    stream = BytesIO()
    provlog.write(graph, stream, name)
    return stream.getvalue()


def seconds(write: Callable[[ProvGraph, str], bytes], graph: ProvGraph, name: str) -> float:
    """Return the processor time of writing a document."""
    gc.collect()
    begun = time.process_time()
    write(graph, name)
    return time.process_time() - begun


def main() -> None:
    """Write a document several times with provlog, and once in the former way in between."""
    warnings.simplefilter("ignore")
    path, name = sys.argv[1:]
    graph = plain(provlog.read(path))
    first = seconds(ours, graph, name)
    theirs = seconds(former, graph, name)
    taken = min(first, *(seconds(ours, graph, name) for _ in range(ROUNDS - 1)))
    print(json.dumps({"provlog": taken, "former": theirs, "ratio": theirs / taken}))


if __name__ == "__main__":
    main()
