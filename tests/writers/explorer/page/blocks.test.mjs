import assert from "node:assert/strict";
import { test } from "node:test";

import { inBlocks } from "../../../../provlog/writers/explorer/page/blocks.js";

const SIZE = { width: 100, height: 40 };

/** Return a view of `count` sessions with an agent, a file that all use, and an activity with a result each. */
function night(count) {
  const [agent, shared] = [1000, 1001];
  const nodes = [{ item: agent, kind: "agent", ...SIZE }, { item: shared, kind: "entity", ...SIZE }];
  const [frames, edges] = [[], []];
  for (let frame = 0; frame < count * 10; frame += 10) {
    frames.push({ item: frame, title: `session ${frame}`, width: 150 });
    nodes.push({ item: frame + 1, kind: "activity", frame, ...SIZE }, { item: frame + 2, kind: "entity", frame, ...SIZE });
    edges.push({ kind: "used", source: frame + 1, target: shared }, { kind: "wasGeneratedBy", source: frame + 2, target: frame + 1 });
    edges.push({ kind: "wasAssociatedWith", source: frame, target: agent });
  }
  return { nodes, frames, edges };
}

test("each node of a frame is in its frame, and frames do not overlap", () => {
  const { nodes, frames } = inBlocks(night(50));
  const place = new Map(frames.map((frame) => [frame.item, frame]));
  for (const { x, y, width, height, frame } of nodes) {
    if (frame === undefined) continue;
    const around = place.get(frame);
    assert.ok(x - width / 2 > around.x && x + width / 2 < around.x + around.width);
    assert.ok(y - height / 2 > around.y && y + height / 2 < around.y + around.height);
  }
  for (const [row, a] of frames.entries())
    for (const b of frames.slice(row + 1))
      assert.ok(a.x + a.width < b.x || b.x + b.width < a.x || a.y + a.height < b.y || b.y + b.height < a.y);
});

test("what frames share is on their left, and its edges wait for a selection", () => {
  const { nodes, frames, edges } = inBlocks(night(50));
  const left = Math.min(...frames.map(({ x }) => x));
  for (const node of nodes.filter(({ item }) => item >= 1000)) assert.ok(node.x + node.width / 2 < left);
  assert.equal(edges.length, 150);
  for (const { kind, isBetween } of edges) assert.equal(isBetween, kind !== "wasGeneratedBy");
});

test("the rows fill a window", () => {
  const { width, height } = inBlocks(night(50));
  assert.ok(width / height > 1 && width / height < 4);
});

test("a view without frames or edges is placed, too", () => {
  const nodes = [...Array(600).keys()].map((item) => ({ item, kind: "entity", ...SIZE }));
  const found = inBlocks({ nodes, frames: [], edges: [] });
  assert.equal(new Set(found.nodes.map(({ x, y }) => `${x} ${y}`)).size, 600);
  assert.deepEqual(inBlocks({ nodes: [], frames: [], edges: [] }), { nodes: [], frames: [], edges: [], width: 0, height: 0 });
});
