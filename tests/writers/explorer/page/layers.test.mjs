import assert from "node:assert/strict";
import { test } from "node:test";

import { inLayers } from "../../../../provlog/writers/explorer/page/layers.js";

const nodes = (...items) => items.map((item) => ({ item, width: 100, height: 40 }));
const edge = (source, target) => ({ source, target });
const placed = (...given) => new Map(inLayers(...given).nodes.map((node) => [node.item, node]));

function overlaps(nodes) {
  return nodes.flatMap((a, row) =>
    nodes.slice(row + 1).filter((b) => Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2),
  );
}

test("causes are on the left of their effects", () => {
  const at = placed(nodes(3, 1, 2), [edge(3, 2), edge(2, 1), edge(3, 1)]);
  assert.ok(at.get(1).x < at.get(2).x && at.get(2).x < at.get(3).x);
});

test("a first cause is beside its first effect", () => {
  const at = placed(nodes(1, 2, 3, 9), [edge(2, 1), edge(3, 2), edge(3, 9)]);
  assert.equal(at.get(9).x, at.get(2).x);
});

test("a cycle has an end", () => {
  assert.equal(placed(nodes(1, 2, 3), [edge(1, 2), edge(2, 3), edge(3, 1), edge(1, 1)]).size, 3);
});

test("a way of 20,000 edges needs no recursion", () => {
  const items = [...Array(20000).keys()];
  const at = placed(nodes(...items), items.slice(1).map((item) => edge(item, item - 1)));
  assert.ok(at.get(0).x < at.get(19999).x);
});

test("edges that can be free of crossings are", () => {
  const pairs = [[11, 4], [12, 3], [13, 2], [14, 1]];
  const at = placed(nodes(1, 2, 3, 4, 11, 12, 13, 14), pairs.map(([a, b]) => edge(a, b)));
  for (const [a, b] of pairs) for (const [c, d] of pairs) assert.ok((at.get(a).y - at.get(c).y) * (at.get(b).y - at.get(d).y) >= 0);
});

test("nothing overlaps in random graphs, and all is in the size", () => {
  let seed = 7;
  const chance = (below) => (seed = (seed * 16807) % 2147483647) % below;
  for (let round = 0; round < 40; round++) {
    const count = 2 + chance(90);
    const given = [...Array(count).keys()].map((item) => ({ item, width: 50 + chance(150), height: 20 + chance(60) }));
    const found = inLayers(given, [...Array(chance(200)).keys()].map(() => edge(chance(count), chance(count))));
    assert.equal(found.nodes.length, count);
    assert.deepEqual(overlaps(found.nodes), []);
    for (const { x, y, width, height } of found.nodes) {
      assert.ok(x - width / 2 >= -0.01 && x + width / 2 <= found.width + 0.01);
      assert.ok(y - height / 2 >= -0.01 && y + height / 2 <= found.height + 0.01);
    }
  }
});
