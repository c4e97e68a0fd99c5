// The layout of large views: each frame and each connected part is a block; blocks fill rows, in the order of the log.

import { inLayers } from "./layers.js";

const BETWEEN = { x: 60, y: 44 };
const FRAME = { side: 18, top: 34, bottom: 16 };
const NO_FRAME = { side: 0, top: 0, bottom: 0 };
// The width of the window, in heights, for which the rows are made.
const BREADTH = 2;
const TRIES = [1, 1.5, 2, 3, 4, 6, 9, 14];

/** Return nodes, frames and edges with their places. Edges between blocks are only shown with a selection. */
export function inBlocks(view) {
  const blocks = divided(view).map(sized);
  const [common, others] = [blocks.filter((block) => block.isCommon), blocks.filter((block) => !block.isCommon)];
  const left = common.reduce((end, block) => Object.assign(block, { x: end, y: 0 }).x + block.width + 2 * BETWEEN.x, 0);
  inRows(others, left);
  const height = blocks.reduce((most, block) => Math.max(most, block.y + block.height), 0);
  for (const block of common) block.y = (height - block.height) / 2;
  return {
    ...joined(view, blocks),
    width: blocks.reduce((most, block) => Math.max(most, block.x + block.width), 0),
    height,
  };
}

/** Place blocks in rows of the length that lets all be shown largest. */
function inRows(blocks, left) {
  const area = blocks.reduce((sum, { width, height }) => sum + (width + BETWEEN.x) * (height + BETWEEN.y), 0);
  const widest = blocks.reduce((most, { width }) => Math.max(most, width), 0);
  let best = null;
  for (const each of TRIES) {
    const limit = Math.max(widest, Math.sqrt(area * each));
    let [x, y, deepest, right] = [0, 0, 0, 0];
    const places = blocks.map(({ width, height }) => {
      if (x && x + width > limit) [x, y, deepest] = [0, y + deepest + BETWEEN.y, 0];
      const place = { x: left + x, y };
      deepest = Math.max(deepest, height);
      right = Math.max(right, x + width);
      x += width + BETWEEN.x;
      return place;
    });
    const size = Math.max((left + right) / BREADTH, y + deepest);
    if (!best || size < best.size) best = { size, places };
  }
  blocks.forEach((block, row) => Object.assign(block, best.places[row]));
}

/** Return the blocks with their nodes and edges. Agents and nodes that several frames share are a block of their own. */
function divided(view) {
  const blocks = view.frames.map((frame) => ({ frame, nodes: [], edges: [] }));
  const place = new Map(blocks.map((block) => [block.frame.item, block]));
  const free = [];
  for (const node of view.nodes) {
    const block = place.get(node.frame);
    if (block) block.nodes.push(node);
    else free.push(node);
  }
  const at = new Map(blocks.flatMap((block) => [[block.frame.item, block], ...block.nodes.map(({ item }) => [item, block])]));
  const common = { isCommon: true, nodes: free.filter(({ kind }) => kind === "agent"), edges: [] };
  const single = { nodes: [], edges: [] };
  for (const nodes of components(free.filter(({ kind }) => kind !== "agent"), view.edges, new Set(at.keys()))) {
    if (nodes.isLinked) common.nodes.push(...nodes);
    else if (nodes.length === 1) single.nodes.push(...nodes);
    else blocks.push({ nodes, edges: [] });
  }
  const found = [common, ...blocks, single].filter(({ nodes }) => nodes.length);
  for (const block of found) for (const { item } of block.nodes) at.set(item, block);
  for (const edge of view.edges) {
    const block = at.get(edge.source);
    if (block && block === at.get(edge.target)) block.edges.push(edge);
  }
  return found;
}

/** Return the lists of nodes that edges join; a list is marked if it is linked to an item of `others`. */
function components(nodes, edges, others) {
  const head = new Map(nodes.map(({ item }) => [item, item]));
  const headOf = (item) => {
    while (head.get(item) !== item) {
      head.set(item, head.get(head.get(item)));
      item = head.get(item);
    }
    return item;
  };
  const linked = [];
  for (const { source, target } of edges) {
    if (head.has(source) && head.has(target)) head.set(headOf(source), headOf(target));
    else if (head.has(source) && others.has(target)) linked.push(source);
    else if (head.has(target) && others.has(source)) linked.push(target);
  }
  const found = new Map();
  for (const node of nodes) {
    const first = headOf(node.item);
    if (!found.has(first)) found.set(first, []);
    found.get(first).push(node);
  }
  for (const item of linked) found.get(headOf(item)).isLinked = true;
  return found.values();
}

function sized(block) {
  const inner = inLayers(block.nodes, block.edges);
  const { side, top, bottom } = block.frame ? FRAME : NO_FRAME;
  const title = block.frame ? block.frame.width : 0;
  return { ...block, nodes: inner.nodes, side, top, width: Math.max(inner.width, title) + 2 * side, height: inner.height + top + bottom };
}

function joined(view, blocks) {
  const places = new Map();
  const at = new Map();
  const frames = [];
  for (const block of blocks) {
    for (const node of block.nodes) {
      places.set(node.item, { ...node, x: node.x + block.x + block.side, y: node.y + block.y + block.top });
      at.set(node.item, block);
    }
    if (!block.frame) continue;
    const { x, y, width, height } = block;
    frames.push({ ...block.frame, x, y, width, height });
    places.set(block.frame.item, { x: x + width / 2, y: y + FRAME.top / 2, width, height: FRAME.top });
  }
  const edges = view.edges.flatMap((edge) => {
    const [from, to] = [places.get(edge.source), places.get(edge.target)];
    if (!from || !to) return [];
    const block = at.get(edge.source);
    const isBetween = !block || block !== at.get(edge.target);
    return [{ ...edge, isBetween, points: curve(from, to), at: null }];
  });
  return { nodes: view.nodes.map(({ item }) => places.get(item)), frames, edges };
}

/** Return the points of a curve from the left of a node to the right of its cause. */
function curve(from, to) {
  const a = [from.x - from.width / 2, from.y];
  const b = [to.x + to.width / 2, to.y];
  const bend = Math.max(24, Math.abs(a[0] - b[0]) / 2.5);
  return [a, [a[0] - bend, a[1]], [b[0] + bend, b[1]], b];
}
