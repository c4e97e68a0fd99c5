// What keys do.

// The movement by an arrow, in pixels.
const STEP = 80;

export function connectKeys(page, buttons) {
  const { camera } = page;
  const keys = {
    "/": () => document.getElementById("search").focus(),
    Escape: () => page.select(null),
    Enter: () => page.state.selected !== null && page.unfold(page.state.selected),
    Backspace: () => {
      const { selected, open } = page.state;
      if (selected === null) return;
      const group = [selected, ...page.graph.groups(selected)].find((each) => open.has(each));
      if (group !== undefined) page.fold(group);
    },
    "+": () => camera.zoomBy(1.25),
    "=": () => camera.zoomBy(1.25),
    "-": () => camera.zoomBy(0.8),
    0: () => page.fit(),
    ArrowLeft: () => camera.panBy(STEP, 0),
    ArrowRight: () => camera.panBy(-STEP, 0),
    ArrowUp: () => camera.panBy(0, STEP),
    ArrowDown: () => camera.panBy(0, -STEP),
    u: () => page.change({ up: !page.state.up }),
    d: () => page.change({ down: !page.state.down }),
    o: () => page.change({ only: !page.state.only }),
    f: buttons["show-filters"],
    t: buttons["show-timeline"],
    n: () => step(page, 1),
    p: () => step(page, -1),
    "?": buttons.help,
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(keys, event.key)) return;
    const target = /** @type {Element} */ (event.target);
    // A button with the focus takes Enter; all other keys are still those of the page.
    if (target.closest(event.key === "Enter" ? "input, select, dialog, button" : "input, select, dialog")) return;
    event.preventDefault();
    keys[event.key]();
  });
}

/** Select the next or the previous node. */
function step(page, by) {
  const items = page.view.nodes.map((node) => node.item);
  const at = items.indexOf(page.state.selected);
  if (items.length) page.reveal(items[(at + by + items.length + (at < 0 && by < 0 ? 1 : 0)) % items.length]);
}
