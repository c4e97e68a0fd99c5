// The picture in the window: as SVG, or on a canvas if the view is large.

import { Camera } from "./camera.js";
import { CanvasPicture } from "./canvas.js";
import { draw, element, light } from "./draw.js";

const PRINT_MARGIN = 12;

export class Picture {
  constructor(svg, canvas) {
    this.svg = svg;
    this.group = element("g", { id: "graph" });
    svg.append(this.group);
    this.camera = new Camera(svg, this.group, () => this.canvas?.later());
    this.canvas = new CanvasPicture(canvas, this.camera);
    this.layout = null;
    this.part = null;
  }

  show(layout, isLarge) {
    this.layout = layout;
    this.isLarge = isLarge;
    this.canvas.show(isLarge ? layout : null);
    this.drawn = null;
    if (isLarge) this.group.replaceChildren();
    else this.drawn = draw(this.group, layout);
  }

  /** Highlight a part of the picture: the items `lit`, and `selected` among them; nothing for `null`. */
  light(part) {
    this.part = part;
    if (this.isLarge) this.canvas.light(part);
    else light(this.drawn, part);
  }

  /** Return the item and the action at the place of an event, or `null`. */
  at(event) {
    if (this.isLarge) {
      const { left, top } = this.svg.getBoundingClientRect();
      return this.canvas.at(event.clientX - left, event.clientY - top);
    }
    const target = event.target.closest("[data-item]");
    if (!target) return null;
    return { item: Number(target.dataset.item), action: event.target.closest("[data-action]")?.dataset.action };
  }

  /** Show what is under the pointer, which SVG does by itself. */
  hover(event) {
    const found = this.isLarge ? this.at(event) : null;
    this.canvas.hover(found);
    this.svg.parentElement.title = found?.title ?? "";
    this.svg.classList.toggle("pointing", Boolean(found));
  }

  /** Call a function while the whole picture is SVG, for what a canvas cannot do: to be saved or printed. */
  asSvg(use) {
    if (!this.isLarge) return use(this.group);
    this.enterSvg();
    try {
      return use(this.group);
    } finally {
      this.leaveSvg();
    }
  }

  enterSvg() {
    if (!this.isLarge) return;
    const lit = this.part?.lit;
    const edges = this.layout.edges.filter((edge) => !edge.isBetween || (lit?.has(edge.source) && lit.has(edge.target)));
    light(draw(this.group, { ...this.layout, edges }), this.part);
    this.canvas.canvas.hidden = true;
  }

  /** Fill the page with the whole picture, whose size only the browser knows. */
  enterPrint() {
    this.enterSvg();
    const { width, height } = this.layout;
    this.group.removeAttribute("transform");
    this.group.classList.remove("far", "remote");
    this.svg.setAttribute("viewBox", `${-PRINT_MARGIN} ${-PRINT_MARGIN} ${width + 2 * PRINT_MARGIN} ${height + 2 * PRINT_MARGIN}`);
  }

  leavePrint() {
    this.leaveSvg();
    this.svg.removeAttribute("viewBox");
    this.camera.panBy(0, 0);
  }

  leaveSvg() {
    if (!this.isLarge) return;
    this.group.replaceChildren();
    this.canvas.canvas.hidden = false;
  }
}
