// Fonts of the picture, as in picture.css, and the widths of texts in them.

export const LINE = 15;
export const FONTS = { head: "600 12.5px", line: "11px", edge: "10.5px", frame: "600 12px" };
export const FAMILY = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Helvetica, Arial, sans-serif";

const widths = new Map();
let canvas = null;

export function width(text, font) {
  const key = font + text;
  if (!widths.has(key)) {
    canvas ??= document.createElement("canvas").getContext("2d");
    canvas.font = `${font} ${FAMILY}`;
    widths.set(key, canvas.measureText(text).width);
  }
  return widths.get(key);
}
