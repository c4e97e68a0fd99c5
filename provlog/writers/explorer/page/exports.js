// Exports: what is seen as SVG or PNG, what is selected as PROV-JSON.

import { element } from "./draw.js";
import { partOf } from "./document.js";

const MARGIN = 24;
const MOST_PIXELS = 12000;
const SHAPE = ["fill", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity"];
const TEXT = ["font-family", "font-size", "font-weight", "paint-order"];

/** Return the picture as SVG text that needs nothing from the page, with all styles as attributes. */
export function svgText(picture, layout, title) {
  picture.classList.remove("far", "remote");
  const copy = picture.cloneNode(true);
  const copies = copy.querySelectorAll("*");
  picture.querySelectorAll("*").forEach((original, number) => {
    const style = getComputedStyle(original);
    const isText = original.tagName === "text";
    for (const name of isText ? [...SHAPE, ...TEXT] : SHAPE) copies[number].setAttribute(name, style.getPropertyValue(name));
    for (const name of ["tabindex", "style"]) copies[number].removeAttribute(name);
  });
  copy.removeAttribute("transform");
  for (const extra of copy.querySelectorAll(".toggle, .hit")) extra.remove();
  const [width, height] = [layout.width + 2 * MARGIN, layout.height + 2 * MARGIN];
  const svg = element("svg", { width, height, viewBox: `${-MARGIN} ${-MARGIN} ${width} ${height}` });
  const fill = getComputedStyle(document.documentElement).getPropertyValue("--paper").trim();
  svg.append(element("title", {}, title), element("rect", { x: -MARGIN, y: -MARGIN, width, height, fill }), copy);
  return new XMLSerializer().serializeToString(svg);
}

/** Return the picture as a PNG, twice as large for sharp text, unless it would be too large. */
export async function pngBlob(text, layout) {
  const [width, height] = [layout.width + 2 * MARGIN, layout.height + 2 * MARGIN];
  const scale = Math.min(2, MOST_PIXELS / Math.max(width, height));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

/** Return the elements with these ids and the relations between them as PROV-JSON. */
export async function provjsonText(ids) {
  return `${JSON.stringify(await partOf(ids), null, 1)}\n`;
}

export function save(content, name, type) {
  const blob = content instanceof Blob ? content : new Blob([content], { type });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
