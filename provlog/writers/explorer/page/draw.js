// The picture: nodes, frames and edges as SVG. All text is set as text, never as markup.

import { LINE } from "./fonts.js";

const SVG = "http://www.w3.org/2000/svg";

export function element(name, attributes = {}, text = undefined) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
}

const round = (number) => Math.round(number * 10) / 10;

/** Draw a layout into a group and return the drawn nodes and edges. */
export function draw(group, layout) {
  const frames = element("g");
  const edges = element("g");
  const labels = element("g");
  const nodes = element("g");
  const drawn = { nodes: new Map(), edges: [] };
  for (const frame of layout.frames) {
    const made = frameOf(frame);
    frames.append(made);
    drawn.nodes.set(frame.item, made);
  }
  for (const edge of layout.edges) {
    const made = edgeOf(edge);
    edges.append(made.line);
    if (made.label) labels.append(made.label);
    drawn.edges.push({ ...made, edge });
  }
  for (const node of layout.nodes) {
    const made = nodeOf(node);
    nodes.append(made);
    drawn.nodes.set(node.item, made);
  }
  group.replaceChildren(frames, edges, labels, nodes);
  return drawn;
}

/** Highlight a part of what is drawn and dim the rest; for `null`, nothing. */
export function light(drawn, part) {
  for (const [item, node] of drawn.nodes) {
    const isFrame = node.classList.contains("frame");
    node.classList.toggle("dim", part !== null && !part.lit.has(item) && !isFrame);
    node.classList.toggle("selected", part !== null && item === part.selected);
  }
  for (const { line, label, edge } of drawn.edges) {
    const isLit = part !== null && part.lit.has(edge.source) && part.lit.has(edge.target);
    for (const each of [line, label]) {
      each?.classList.toggle("dim", part !== null && !isLit);
      each?.classList.toggle("lit", isLit);
    }
  }
}

function frameOf(frame) {
  const { x, y, width, height } = frame;
  const made = element("g", { class: "frame", "data-item": frame.item });
  made.append(element("rect", { x, y, width, height, rx: 10 }));
  made.append(element("text", { x: x + (frame.canFold ? 36 : 14), y: y + 20, class: "title" }, frame.title));
  if (frame.canFold) made.append(button(x + 20, y + 16, "fold", "−", "Fold this session"));
  return made;
}

function button(x, y, action, sign, title) {
  const made = element("g", { class: "toggle", "data-action": action, role: "button" });
  made.append(element("title", {}, title));
  made.append(element("circle", { cx: x, cy: y, r: 8 }));
  made.append(element("text", { x, y: y + 4, "text-anchor": "middle" }, sign));
  return made;
}

// The outlines of the kinds, as in the figures of W3C PROV: entities are round, agents houses.
const OUTLINES = {
  entity: (x, y, w, h) => element("rect", { x, y, width: w, height: h, rx: Math.min(h / 2, 22) }),
  agent: (x, y, w, h) =>
    element("path", {
      d: `M${x} ${y + 10}L${x + w / 2} ${y}L${x + w} ${y + 10}V${y + h - 3}a3 3 0 0 1 -3 3H${x + 3}a3 3 0 0 1 -3 -3Z`,
    }),
};
const rectangle = (x, y, w, h) => element("rect", { x, y, width: w, height: h, rx: 4 });

function nodeOf(node) {
  const { width: w, height: h } = node;
  const x = round(node.x - w / 2);
  const y = round(node.y - h / 2);
  const outline = OUTLINES[node.kind] ?? rectangle;
  const classes = ["node", node.kind];
  if (node.isGroup) classes.push("group");
  if (node.failed) classes.push("failed");
  const made = element("g", { class: classes.join(" "), "data-item": node.item, tabindex: -1 });
  if (node.isGroup) {
    const behind = outline(x + 4, y + 4, w, h);
    behind.setAttribute("class", "behind");
    made.append(behind);
  }
  const front = outline(x, y, w, h);
  front.setAttribute("class", "outline");
  made.append(front);
  const top = node.y - (node.lines.length * LINE) / 2 + 11 + (node.kind === "agent" ? 3 : 0);
  // A name that is shown without the other lines is in the middle.
  made.style.setProperty("--to-middle", `${((node.lines.length - 1) * LINE) / 2}px`);
  node.lines.forEach((line, row) => {
    const place = { x: round(node.x), y: round(top + row * LINE), "text-anchor": "middle" };
    made.append(element("text", { ...place, class: row ? "line" : "head" }, line));
  });
  made.append(element("title", {}, node.tooltip));
  if (node.isGroup) made.append(button(x + w - 2, y + 2, "unfold", "+", "Unfold"));
  if (node.canFold) made.append(button(x + 2, y + 2, "fold", "−", `Fold into ${node.foldTitle}`));
  return made;
}

function edgeOf({ kind, points, label, at, tooltip }) {
  const path = points
    .map(([x, y], step) => `${step === 0 ? "M" : step === 1 ? "C" : " "}${round(x)} ${round(y)}`)
    .join(" ");
  const line = element("g", { class: "edge", "data-kind": kind });
  line.append(element("path", { d: path, class: "hit" }));
  line.append(element("path", { d: path, class: "line" }));
  line.append(arrow(points));
  line.append(element("title", {}, tooltip));
  if (!label || !at) return { line };
  const place = { x: round(at[0]), y: round(at[1] + 3.5), "text-anchor": "middle" };
  return { line, label: element("text", { ...place, class: "edge-label", "data-kind": kind }, label) };
}

/** Return the head of an arrow at the end of a curve. */
function arrow(points) {
  const [x, y] = points[points.length - 1];
  const before = points.findLast(([a, b]) => Math.hypot(a - x, b - y) > 1) ?? [x + 1, y];
  const angle = Math.atan2(y - before[1], x - before[0]);
  const corner = (turn, length) =>
    `${round(x - length * Math.cos(angle + turn))} ${round(y - length * Math.sin(angle + turn))}`;
  return element("path", { class: "head", d: `M${round(x)} ${round(y)}L${corner(0.4, 9)}L${corner(-0.4, 9)}Z` });
}
