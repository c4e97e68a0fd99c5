import assert from "node:assert/strict";
import { test } from "node:test";

import { small } from "./graph.mjs";

const sorted = (found) => [...found].sort((a, b) => a - b);
const everything = () => true;

test("a folded group is one node, with the number of its edges", () => {
  const { nodes, edges } = small().visible(new Set(), everything, everything);
  assert.deepEqual(nodes, [0, 1, 2, 3]);
  assert.deepEqual(edges.map(({ source, target, times }) => [source, target, times]), [[1, 2, 1], [3, 1, 2]]);
});

test("an unfolded group is its parts", () => {
  assert.deepEqual(small().visible(new Set([3]), everything, everything).nodes, [0, 1, 2, 4, 5]);
});

test("a lineage follows edges to causes or to effects, as deep as asked", () => {
  const graph = small();
  assert.deepEqual(sorted(graph.lineage([4], false, null)), [1, 2, 4]);
  assert.deepEqual(sorted(graph.lineage([4], false, 1)), [1, 4]);
  assert.deepEqual(sorted(graph.lineage([2], true, null)), [1, 2, 4, 5]);
});

test("a selected activity brings what it used and generated", () => {
  const chosen = { sessions: new Set(), names: new Set(["reduce"]), since: null, until: null };
  assert.deepEqual(sorted(small().select(chosen)), [1, 2, 4, 5]);
  assert.deepEqual(sorted(small().select({ ...chosen, since: 3000 })), []);
});
