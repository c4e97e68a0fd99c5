// Places of nodes, frames and edges: by Graphviz, or in blocks for large views.

import { inBlocks } from "./blocks.js";
import { FONTS, LINE, width } from "./fonts.js";

const PADDING = { x: 14, y: 9 };
const MOST_LINES = 4;
const MOST_NODES = 400;
const MOST_EDGES = 1000;

/** Return the size of a node with these lines. */
export function sizeOf(lines, kind) {
  const shown = lines.slice(0, MOST_LINES);
  const widest = Math.max(...shown.map((line, row) => width(line, row ? FONTS.line : FONTS.head)));
  const more = kind === "entity" ? 10 : kind === "agent" ? 8 : 0;
  return {
    lines: shown,
    width: Math.max(64, Math.ceil(widest) + 2 * (PADDING.x + more / 2)),
    height: shown.length * LINE + 2 * PADDING.y + (kind === "agent" ? 8 : 0),
  };
}

/** Return nodes, frames and edges with their places, from top left. */
export function layout(view, graphviz) {
  if (!isLarge(view)) {
    try {
      return byGraphviz(view, graphviz);
    } catch (error) {
      console.info(`Graphviz: ${error.message}`);
    }
  }
  const frames = view.frames.map((frame) => ({ ...frame, width: width(frame.title, FONTS.frame) + 40 }));
  return inBlocks({ ...view, frames });
}

/** Tell whether a view is too large for Graphviz and for SVG, which would take seconds. */
export function isLarge({ nodes, edges }) {
  return nodes.length > MOST_NODES || edges.length > MOST_EDGES;
}

const inches = (pixels) => (pixels / 72).toFixed(3);
const box = (w, h) =>
  `<<table border="0" fixedsize="true" width="${Math.ceil(w)}" height="${Math.ceil(h)}"><tr><td></td></tr></table>>`;

function byGraphviz(view, graphviz) {
  const lines = [
    "digraph{rankdir=RL;compound=true;nodesep=0.2;ranksep=0.4;nslimit=4;nslimit1=4;mclimit=0.6",
    'node[shape=box,fixedsize=true,label=""];edge[arrowhead=none]',
  ];
  const framed = new Map(view.frames.map((frame) => [frame.item, []]));
  const outside = [];
  for (const node of view.nodes) (framed.get(node.frame) ?? outside).push(node);
  const write = (node) =>
    lines.push(`n${node.item}[width=${inches(node.width)},height=${inches(node.height)}]`);
  for (const frame of view.frames) {
    const label = box(width(frame.title, FONTS.frame) + 30, 22);
    lines.push(`subgraph cluster_${frame.item}{margin=14;labeljust=l;label=${label};`);
    framed.get(frame.item).forEach(write);
    lines.push("}");
  }
  outside.forEach(write);
  const anchors = anchorsOf(view, framed);
  view.edges.forEach((edge, row) => {
    const ends = [edge.source, edge.target].map((end) => anchors.get(end) ?? end);
    const clip =
      (anchors.has(edge.source) ? `,ltail=cluster_${edge.source}` : "") +
      (anchors.has(edge.target) ? `,lhead=cluster_${edge.target}` : "");
    const label = edge.label ? `,label=${box(width(edge.label, FONTS.edge) + 10, 16)}` : "";
    lines.push(`n${ends[0]}->n${ends[1]}[id=e${row}${label}${clip}]`);
  });
  for (const group of [outside, ...framed.values()]) lines.push(...grid(group, view.edges));
  lines.push("}");
  return placed(view, JSON.parse(graphviz.layout(lines.join("\n"), "json0", "dot")));
}

/** Return for each frame the node at which its own edges begin and end. */
function anchorsOf(view, framed) {
  const ends = new Set(view.edges.flatMap((edge) => [edge.source, edge.target]));
  const sources = new Set(view.edges.map((edge) => edge.target));
  const anchors = new Map();
  for (const [item, nodes] of framed) {
    if (!ends.has(item)) continue;
    const activities = nodes.filter((node) => node.kind === "activity");
    const free = activities.find((node) => !sources.has(node.item));
    anchors.set(item, (free ?? activities[0] ?? nodes[0]).item);
  }
  return anchors;
}

/** Yield links that put nodes without edges into rows and columns. */
function* grid(nodes, edges) {
  const linked = new Set(edges.flatMap((edge) => [edge.source, edge.target]));
  const free = nodes.filter((node) => !linked.has(node.item));
  if (free.length < 4) return;
  const rows = Math.max(2, Math.ceil(Math.sqrt(free.length * 1.6)));
  for (let each = rows; each < free.length; each++)
    yield `n${free[each].item}->n${free[each - rows].item}[style=invis]`;
}

function placed(view, picture) {
  const [, , right, top] = picture.bb.split(",").map(Number);
  const flip = (y) => top - y;
  const found = new Map((picture.objects ?? []).map((each) => [each.name, each]));
  const nodes = view.nodes.map((node) => {
    const [x, y] = found.get(`n${node.item}`).pos.split(",").map(Number);
    return { ...node, x, y: flip(y) };
  });
  const frames = view.frames.map((frame) => {
    const [x0, y0, x1, y1] = found.get(`cluster_${frame.item}`).bb.split(",").map(Number);
    return { ...frame, x: x0, y: flip(y1), width: x1 - x0, height: y1 - y0 };
  });
  const drawn = new Map((picture.edges ?? []).filter((each) => each.id).map((each) => [each.id, each]));
  const edges = view.edges.map((edge, row) => {
    const { pos, lp } = drawn.get(`e${row}`);
    const points = pos.split(" ").map((each) => {
      const [x, y] = each.replace(/^[es],/, "").split(",").map(Number);
      return [x, flip(y)];
    });
    // Graphviz lists explicit end points first.
    const explicit = pos.split(" ").filter((each) => /^[es],/.test(each)).length;
    const label = lp ? lp.split(",").map(Number) : null;
    return { ...edge, points: points.slice(explicit), at: label && [label[0], flip(label[1])] };
  });
  return { nodes, frames, edges, width: right, height: top };
}
