import assert from "node:assert/strict";
import { test } from "node:test";

import { emptyState, fromFragment, toFragment } from "../../../../provlog/writers/explorer/page/state.js";
import { small } from "./graph.mjs";

test("a fragment gives back every state", () => {
  const graph = small();
  const states = [
    {}, { open: new Set([3]) }, { selected: 4 }, { selected: 3, up: false }, { up: false, down: false, depth: 2, only: true, selected: 1 },
    { sessions: new Set([0]), names: new Set(["reduce"]), since: 1000, until: 2000 },
    { uses: new Set(["Main", "Log"]), timeline: true, filters: true, theme: "dark" },
  ];
  for (const changes of states) {
    const state = { ...emptyState(graph), ...changes };
    assert.deepEqual(fromFragment(graph, `#${toFragment(graph, state)}`), state);
  }
});

test("what does not fit the graph is ignored", () => {
  const graph = small();
  const text = "#open=7.x.-1&fold=3&select=gone&lineage=sideways&depth=-1&session=log:raw&activity=gone&use=gone&since=never&theme=red";
  assert.deepEqual(fromFragment(graph, text), { ...emptyState(graph), up: false, down: false });
});
