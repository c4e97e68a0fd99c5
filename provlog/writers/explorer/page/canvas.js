// The picture of large views, on a canvas: each frame of a movement paints what is in the window, in as much detail as can be seen.

import { FAMILY, FONTS, LINE } from "./fonts.js";

// The zoom from which texts, names and outlines are painted.
const TEXTS = 0.42;
const NAMES = 0.24;
const OUTLINED = 0.13;
const CURVES = 0.3;
const DIMMED = 0.16;
const TOGGLE = 8;
const COLOURS = {
  entity: ["entity", "entity-line"], activity: ["activity", "activity-line"], session: ["activity", "activity-line"],
  agent: ["agent", "agent-line"], description: ["description", "agent-line"],
};
const coloursOf = (kind) => COLOURS[kind] ?? COLOURS.activity;
const KINDS = { used: "used", wasGeneratedBy: "made", wasAssociatedWith: "who", wasAttributedTo: "who", actedOnBehalfOf: "who" };

export class CanvasPicture {
  constructor(canvas, camera) {
    this.canvas = canvas;
    this.camera = camera;
    this.layout = null;
    this.part = null;
    this.hovered = null;
    this.isWaiting = false;
    new ResizeObserver(() => this.later()).observe(canvas.parentElement);
  }

  /** Show a layout, or nothing. */
  show(layout) {
    this.layout = layout;
    this.canvas.hidden = !layout;
    this.hovered = null;
    if (!layout) return;
    this.edges = layout.edges.map((edge) => ({ ...edge, box: boxAround(edge.points) }));
    this.later();
  }

  /** Highlight a part: its items are `lit`, others dim. */
  light(part) {
    this.part = part;
    this.later();
  }

  later() {
    if (this.isWaiting || !this.layout) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      if (this.layout) this.paint();
    });
  }

  /** Return what is at a point of the screen: a node or a frame with the action of the toggle there. */
  at(x, y) {
    if (!this.layout) return null;
    const { zoom } = this.camera;
    const [px, py] = [(x - this.camera.x) / zoom, (y - this.camera.y) / zoom];
    const reach = Math.min(TOGGLE, 6 / zoom + 2) + 2;
    const isNear = (cx, cy) => Math.hypot(px - cx, py - cy) <= reach;
    for (const node of this.layout.nodes) {
      const [dx, dy] = [Math.abs(px - node.x), Math.abs(py - node.y)];
      if (dx > node.width / 2 + reach || dy > node.height / 2 + reach) continue;
      const [left, right, top] = [node.x - node.width / 2, node.x + node.width / 2, node.y - node.height / 2];
      if (zoom >= NAMES && node.isGroup && isNear(right - 2, top + 2)) return { item: node.item, action: "unfold", title: "Unfold" };
      if (zoom >= NAMES && node.canFold && isNear(left + 2, top + 2))
        return { item: node.item, action: "fold", title: `Fold into ${node.foldTitle}` };
      if (dx <= node.width / 2 && dy <= node.height / 2) return { item: node.item, title: node.tooltip };
    }
    for (const frame of this.layout.frames) {
      if (px < frame.x || px > frame.x + frame.width || py < frame.y || py > frame.y + frame.height) continue;
      const isToggle = zoom >= NAMES && frame.canFold && isNear(frame.x + 20, frame.y + 16);
      return isToggle ? { item: frame.item, action: "fold", title: "Fold this session" } : { item: frame.item, title: frame.title };
    }
    return null;
  }

  hover(found) {
    const item = found?.item ?? null;
    if (item === this.hovered) return;
    this.hovered = item;
    this.later();
  }

  paint() {
    const { canvas, camera, layout } = this;
    const sharp = window.devicePixelRatio || 1;
    const [width, height] = [canvas.parentElement.clientWidth, canvas.parentElement.clientHeight];
    if (canvas.width !== Math.round(width * sharp) || canvas.height !== Math.round(height * sharp)) {
      canvas.width = Math.round(width * sharp);
      canvas.height = Math.round(height * sharp);
    }
    this.pen = canvas.getContext("2d");
    const style = getComputedStyle(document.documentElement);
    const known = new Map();
    this.colour = (name) => {
      if (!known.has(name)) known.set(name, style.getPropertyValue(`--${name}`).trim());
      return known.get(name);
    };
    this.pen.setTransform(1, 0, 0, 1, 0, 0);
    this.pen.clearRect(0, 0, canvas.width, canvas.height);
    this.pen.setTransform(sharp * camera.zoom, 0, 0, sharp * camera.zoom, sharp * camera.x, sharp * camera.y);
    const window_ = camera.window();
    const isSeen = (box) => box.right >= window_.left && box.left <= window_.right && box.bottom >= window_.top && box.top <= window_.bottom;
    for (const frame of layout.frames)
      if (isSeen({ left: frame.x, right: frame.x + frame.width, top: frame.y, bottom: frame.y + frame.height })) this.frame(frame);
    this.paintEdges(this.edges.filter((edge) => isSeen(edge.box)));
    const margin = TOGGLE;
    const nodes = layout.nodes.filter(({ x, y, width: w, height: h }) =>
      isSeen({ left: x - w / 2 - margin, right: x + w / 2 + margin, top: y - h / 2 - margin, bottom: y + h / 2 + margin }));
    if (camera.zoom < OUTLINED) this.paintBoxes(nodes);
    else for (const node of nodes) this.node(node);
    this.pen.globalAlpha = 1;
  }

  /** Return the width of a line in the picture that has this width at zoom 1 and can be seen at any zoom. */
  thick(width) {
    return Math.max(width, 0.7 / this.camera.zoom);
  }

  frame(frame) {
    const { pen, colour } = this;
    const isSelected = this.part?.selected === frame.item;
    pen.globalAlpha = 1;
    pen.fillStyle = colour("frame-fill");
    pen.strokeStyle = colour("frame");
    pen.lineWidth = this.thick(isSelected ? 2.5 : 1);
    pen.beginPath();
    pen.roundRect(frame.x, frame.y, frame.width, frame.height, 10);
    pen.fill();
    pen.globalAlpha = isSelected ? 1 : 0.5;
    pen.stroke();
    pen.globalAlpha = 1;
    if (this.camera.zoom < NAMES) return;
    if (frame.canFold) this.toggle(frame.x + 20, frame.y + 16, "−");
    pen.fillStyle = colour("frame");
    pen.font = `${FONTS.frame} ${FAMILY}`;
    pen.textAlign = "left";
    pen.fillText(frame.title, frame.x + (frame.canFold ? 36 : 14), frame.y + 20);
  }

  /** Paint edges, those of a kind in one path. Edges between blocks are only painted if they are lit. */
  paintEdges(edges) {
    const { pen, colour, part } = this;
    const groups = new Map();
    for (const edge of edges) {
      const isLit = part !== null && part.lit.has(edge.source) && part.lit.has(edge.target);
      if (edge.isBetween && !isLit) continue;
      const key = `${isLit ? 1 : 0}${KINDS[edge.kind] ?? "other"}`;
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(edge);
    }
    for (const [key, found] of [...groups].sort()) {
      const isLit = key[0] === "1";
      pen.globalAlpha = isLit ? 1 : (part ? DIMMED / 2 : 0.75) * Math.min(1, 0.3 + this.camera.zoom);
      pen.strokeStyle = pen.fillStyle = colour(key.slice(1));
      pen.lineWidth = this.thick(isLit ? 2 : 1.2);
      pen.beginPath();
      for (const { points } of found) this.trace(points);
      pen.stroke();
      if (this.camera.zoom < OUTLINED * 2) continue;
      pen.beginPath();
      for (const { points } of found) this.arrow(points);
      pen.fill();
    }
  }

  trace([from, a, b, to]) {
    this.pen.moveTo(from[0], from[1]);
    if (this.camera.zoom < CURVES) this.pen.lineTo(to[0], to[1]);
    else this.pen.bezierCurveTo(a[0], a[1], b[0], b[1], to[0], to[1]);
  }

  arrow(points) {
    const [x, y] = points[3];
    this.pen.moveTo(x, y);
    this.pen.lineTo(x + 8, y - 3.5);
    this.pen.lineTo(x + 8, y + 3.5);
    this.pen.closePath();
  }

  /** Paint small nodes as boxes, those of a colour together, because changes of the colour cost most. */
  paintBoxes(nodes) {
    const { pen, part } = this;
    const groups = new Map();
    const marked = [];
    for (const node of nodes) {
      if (node.failed || part?.selected === node.item) marked.push(node);
      const key = part && !part.lit.has(node.item) ? `-${node.kind}` : node.kind;
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push(node);
    }
    for (const [key, found] of groups) {
      const [fill, line] = coloursOf(found[0].kind).map(this.colour);
      pen.globalAlpha = key.startsWith("-") ? DIMMED : 1;
      pen.fillStyle = fill;
      for (const { x, y, width, height } of found) pen.fillRect(x - width / 2, y - height / 2, width, height);
      // Pale boxes cannot be seen without a line, which is cheaper as a box.
      pen.fillStyle = line;
      for (const { x, y, width, height } of found) pen.fillRect(x - width / 2, y + height * 0.2, width, height * 0.3);
    }
    for (const node of marked) this.node(node);
  }

  node(node) {
    const { pen, colour, part } = this;
    const { zoom } = this.camera;
    const [fill, line] = coloursOf(node.kind).map(colour);
    const [w, h] = [node.width, node.height];
    const [x, y] = [node.x - w / 2, node.y - h / 2];
    const isSelected = part?.selected === node.item;
    const isHovered = this.hovered === node.item;
    pen.globalAlpha = part && !part.lit.has(node.item) ? DIMMED : 1;
    pen.fillStyle = fill;
    pen.strokeStyle = node.failed ? colour("failed") : line;
    pen.lineWidth = this.thick(isSelected ? 3.5 : isHovered ? 2.4 : node.failed ? 2 : 1.3);
    if (node.isGroup && zoom >= NAMES) this.outline(node.kind, x + 4, y + 4, w, h);
    this.outline(node.kind, x, y, w, h);
    if (zoom < NAMES) return;
    pen.textAlign = "center";
    const shown = node.lines.slice(0, zoom < TEXTS ? 1 : undefined);
    const top = node.y - (shown.length * LINE) / 2 + 11 + (node.kind === "agent" ? 3 : 0);
    shown.forEach((text, row) => {
      pen.font = `${row ? FONTS.line : FONTS.head} ${FAMILY}`;
      pen.fillStyle = colour(row ? "ink-quiet" : "ink");
      pen.fillText(text, node.x, top + row * LINE);
    });
    if (node.isGroup) this.toggle(x + w - 2, y + 2, "+");
    if (node.canFold && (isSelected || isHovered)) this.toggle(x + 2, y + 2, "−");
  }

  outline(kind, x, y, w, h) {
    const { pen } = this;
    pen.beginPath();
    if (kind === "agent") {
      pen.moveTo(x, y + 10);
      pen.lineTo(x + w / 2, y);
      pen.lineTo(x + w, y + 10);
      pen.lineTo(x + w, y + h);
      pen.lineTo(x, y + h);
      pen.closePath();
    } else {
      pen.roundRect(x, y, w, h, kind === "entity" ? Math.min(h / 2, 22) : 4);
    }
    pen.fill();
    pen.stroke();
  }

  toggle(x, y, sign) {
    const { pen, colour } = this;
    pen.fillStyle = colour("paper");
    pen.strokeStyle = colour("ink-quiet");
    pen.lineWidth = 1;
    pen.beginPath();
    pen.arc(x, y, TOGGLE, 0, 2 * Math.PI);
    pen.fill();
    pen.stroke();
    pen.fillStyle = colour("ink");
    pen.textAlign = "center";
    pen.font = `600 12px ${FAMILY}`;
    pen.fillText(sign, x, y + 4);
  }
}

function boxAround(points) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}
