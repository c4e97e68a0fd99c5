// Pan, zoom and fit.

const LEAST_ZOOM = 0.015;
const MOST_ZOOM = 4;
// The height of the legend, which covers the lower edge.
const LEGEND = 24;

export class Camera {
  constructor(svg, group, moved) {
    this.svg = svg;
    this.group = group;
    this.moved = moved;
    this.x = 0;
    this.y = 0;
    this.zoom = 1;
    const pointers = new Map();
    let travelled = 0;
    svg.addEventListener("wheel", (event) => {
      event.preventDefault();
      const step = event.deltaMode ? event.deltaY * 20 : event.deltaY;
      const { left, top } = svg.getBoundingClientRect();
      this.zoomBy(Math.exp(-step * 0.0015), event.clientX - left, event.clientY - top);
    }, { passive: false });
    svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      pointers.set(event.pointerId, event);
      travelled = 0;
    });
    svg.addEventListener("pointermove", (event) => {
      const before = pointers.get(event.pointerId);
      if (!before) return;
      const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
      travelled += Math.abs(dx) + Math.abs(dy);
      if (travelled > 4 && !svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId);
      const other = [...pointers.values()].find((each) => each.pointerId !== event.pointerId);
      if (other) {
        const span = (each) => Math.hypot(each.clientX - other.clientX, each.clientY - other.clientY);
        const { left, top } = svg.getBoundingClientRect();
        this.zoomBy(span(event) / Math.max(1, span(before)), other.clientX - left, other.clientY - top);
      } else if (travelled > 4) {
        this.panBy(dx, dy);
      }
      pointers.set(event.pointerId, event);
    });
    for (const name of ["pointerup", "pointercancel"])
      svg.addEventListener(name, (event) => pointers.delete(event.pointerId));
    this.wasDragged = () => travelled > 4;
  }

  /** Return the part of the picture in the window. */
  window() {
    const { x, y, zoom, svg } = this;
    return { left: -x / zoom, top: -y / zoom, right: (svg.clientWidth - x) / zoom, bottom: (svg.clientHeight - y) / zoom };
  }

  panBy(dx, dy) {
    this.show(this.x + dx, this.y + dy, this.zoom);
  }

  zoomBy(factor, x = this.svg.clientWidth / 2, y = this.svg.clientHeight / 2) {
    const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, this.zoom * factor));
    const ratio = zoom / this.zoom;
    this.show(x - (x - this.x) * ratio, y - (y - this.y) * ratio, zoom);
  }

  show(x, y, zoom) {
    Object.assign(this, { x, y, zoom });
    this.group.setAttribute("transform", `translate(${x} ${y}) scale(${zoom})`);
    this.group.classList.toggle("far", zoom < 0.42);
    this.group.classList.toggle("remote", zoom < 0.16);
    this.moved?.();
  }

  /** Show a rectangle of the picture whole, or from its left end if that could not be read. */
  fit({ x = 0, y = 0, width, height }, least = LEAST_ZOOM) {
    const margin = 36;
    const [w, h] = [this.svg.clientWidth - 2 * margin, this.svg.clientHeight - 2 * margin - LEGEND];
    const whole = Math.min(w / Math.max(1, width), h / Math.max(1, height), 1.15);
    const zoom = Math.max(whole, least);
    const place = (size, space, start) =>
      margin - start * zoom + Math.max(0, (space - size * zoom) / 2);
    this.show(place(width, w, x), place(height, h, y), zoom);
  }

  /** Bring a point of the picture into the part of the window that nothing covers. */
  bring(x, y, covered) {
    const margin = 90;
    const [w, h] = [this.svg.clientWidth, this.svg.clientHeight - covered];
    const [left, top] = [x * this.zoom + this.x, y * this.zoom + this.y];
    const isInside = left > margin && left < w - margin && top > margin / 2 && top < h - margin / 2;
    if (isInside && this.zoom > 0.5) return;
    const zoom = Math.max(this.zoom, 0.8);
    this.show(w / 2 - x * zoom, h / 2 - y * zoom, zoom);
  }
}
