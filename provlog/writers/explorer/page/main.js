// The page: its state, what follows from it, and what keys and clicks do.

import { Graph, unpacked } from "./data.js";
import { pngBlob, provjsonText, save, svgText } from "./exports.js";
import { showFilters } from "./filters.js";
import { connectKeys } from "./keys.js";
import { isLarge, layout } from "./layout.js";
import { showPanel } from "./panel.js";
import { Picture } from "./picture.js";
import { connectSearch } from "./search.js";
import { emptyState, fromFragment, toFragment } from "./state.js";
import { Timeline } from "./timeline.js";
import { dressed } from "./view.js";

/** @type {(id: string) => any} */
const byId = (id) => document.getElementById(id);
const MOST_UNFOLDED = 5000;
const READABLE = 0.52;

class Page {
  constructor(graph, graphviz) {
    this.graph = graph;
    this.graphviz = graphviz;
    this.state = emptyState(graph);
    this.picture = new Picture(byId("picture"), byId("canvas"));
    this.camera = this.picture.camera;
    this.ready = Promise.resolve();
    this.timeline = new Timeline(
      byId("timeline"), graph,
      (since, until) => this.change({ since, until }),
      (item) => this.reveal(item),
    );
    byId("timeline").hidden = true;
  }

  /** Return the selected elements and their lineage. */
  selection() {
    const { selected, up, down, depth } = this.state;
    if (selected === null) return null;
    const starts = this.graph.elements(selected);
    const above = this.graph.lineage(starts, false, depth);
    const below = this.graph.lineage(starts, true, depth);
    const all = new Set(starts);
    if (up) for (const each of above) all.add(each);
    if (down) for (const each of below) all.add(each);
    return { starts, above, below, all };
  }

  /** Return the ids of the elements in the lineage of the selection, or of all that is shown. */
  ids() {
    const found = this.selection()?.all ?? this.graph.leaves.filter(this.shown);
    return [...found].map((item) => this.graph.items[item].id);
  }

  change(changes) {
    const before = this.state;
    this.state = { ...before, ...changes };
    const isSame = (...keys) => keys.every((key) => before[key] === this.state[key]);
    const isOnly = this.state.only || before.only;
    const isPlaced =
      isSame("open", "sessions", "names", "uses", "since", "until", "only") &&
      (!isOnly || isSame("selected", "up", "down", "depth"));
    notice("");
    this.update(isPlaced, isSame("open") && !isPlaced);
  }

  update(isPlaced, mustFit) {
    const { state } = this;
    document.documentElement.dataset.theme = themeOf(state);
    byId("filters").hidden = !state.filters;
    byId("timeline").hidden = !state.timeline;
    for (const name of ["filters", "timeline"]) byId(`show-${name}`).setAttribute("aria-pressed", String(state[name]));
    if (!isPlaced || !this.picture.layout) this.place();
    if (mustFit || !this.wasFitted) this.fit();
    this.light();
    if (state.filters) showFilters(byId("filters"), this.graph, this);
    if (state.selected === null) byId("panel").hidden = true;
    else this.ready = showPanel(byId("panel"), this.graph, state.selected, this);
    this.timeline.period = [state.since, state.until];
    this.timeline.lit = this.selection()?.all ?? null;
    if (state.timeline) this.timeline.draw();
    this.write();
  }

  write() {
    const fragment = toFragment(this.graph, this.state);
    try {
      history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname + location.search);
    } catch {
      // A page without an address of its own, such as a frame in a notebook, has no fragment.
    }
  }

  /** Lay out what the state shows. */
  place() {
    const { graph, state } = this;
    const isFiltered = state.sessions.size || state.names.size || state.since !== null || state.until !== null;
    const kept = isFiltered ? graph.select(state) : null;
    const uses = state.uses.size ? graph.ofUses(state.uses) : null;
    const only = state.only && state.selected !== null ? this.selection().all : null;
    this.shown = (leaf) => (!kept || kept.has(leaf)) && !uses?.omitted.has(leaf) && (!only || only.has(leaf));
    const view = graph.visible(state.open, this.shown, (row) => !uses?.isDropped(row));
    this.view = dressed(view, graph, state.open);
    this.picture.show(layout(this.view, this.graphviz), isLarge(this.view));
    byId("between").hidden = !this.picture.layout.edges.some((edge) => edge.isBetween);
    const hidden = graph.leaves.length - graph.leaves.filter(this.shown).length;
    byId("summary").textContent =
      `${this.view.nodes.length.toLocaleString("en")} nodes for ${(graph.leaves.length - hidden).toLocaleString("en")} elements` +
      (hidden ? `, ${hidden.toLocaleString("en")} hidden` : "");
    notice(this.view.nodes.length ? "" : "Nothing matches the filters.");
  }

  /** Highlight the selection and dim the rest. */
  light() {
    const part = this.selection();
    const at = this.graph.drawn(this.state.open);
    if (!part) return this.picture.light(null);
    this.picture.light({ lit: new Set([...part.all].map((leaf) => at[leaf])), selected: at[this.state.selected] });
  }

  select(item) {
    this.change({ selected: item });
  }

  /** Select an item and bring it into view, after unfolding the groups around it. */
  reveal(item) {
    const open = new Set(this.state.open);
    for (const group of this.graph.groups(item)) open.add(group);
    const isVisible = this.graph.groups(item).every((group) => this.state.open.has(group));
    this.change({ selected: item, ...(isVisible ? {} : { open }) });
    const place = this.placeOf(item);
    if (!place) return;
    const panel = byId("panel");
    const covers = getComputedStyle(panel).position === "fixed";
    this.camera.bring(place.x, place.y, covers ? panel.clientHeight : 0);
  }

  unfold(item) {
    if (!this.graph.isGroup(item)) return;
    const shown = this.view.nodes.length + this.graph.parts[item].length;
    if (shown > MOST_UNFOLDED) return notice(`${shown} nodes are too many: fold others first.`);
    const open = new Set(this.state.open).add(item);
    // A selected group stays selected: its parts have the same elements.
    this.keepingPlace(item, () => this.change({ open }));
  }

  fold(item) {
    const open = new Set(this.state.open);
    for (let each = item; each < this.graph.last[item]; each++) open.delete(each);
    const { selected } = this.state;
    const isInside = selected !== null && selected > item && selected < this.graph.last[item];
    this.keepingPlace(item, () => this.change({ open, ...(isInside ? { selected: item } : {}) }));
  }

  /** Make a change after which what was clicked is still at its place on the screen. */
  keepingPlace(item, change) {
    const before = this.placeOf(item);
    change();
    const after = this.placeOf(item);
    const { x, y, zoom } = this.camera;
    if (before && after) this.camera.show(x + (before.x - after.x) * zoom, y + (before.y - after.y) * zoom, zoom);
    else this.fit();
  }

  /** Return the place of an item, of what is drawn for it, or of the first of its parts. */
  placeOf(item) {
    const at = this.graph.drawn(this.state.open);
    const { nodes, frames } = this.picture.layout;
    const isInside = (node) => node.item >= item && node.item < this.graph.last[item];
    const node = nodes.find((each) => each.item === at[item]) ?? nodes.find(isInside);
    if (node) return node;
    const frame = frames.find((each) => each.item === item);
    return frame && { x: frame.x + frame.width / 2, y: frame.y + frame.height / 2 };
  }

  foldAll() {
    this.change({ open: new Set() });
    this.fit();
  }

  /** Unfold the visible groups, one level. */
  unfoldAll() {
    const groups = this.view.nodes.filter((node) => node.isGroup).map((node) => node.item);
    const parts = groups.reduce((sum, item) => sum + this.graph.parts[item].length, 0);
    if (this.view.nodes.length + parts > MOST_UNFOLDED) return notice("Too many nodes: unfold a part.");
    this.change({ open: new Set([...this.state.open, ...groups]) });
    this.fit();
  }

  fit() {
    // The first view is readable, even if it does not show everything.
    this.camera.fit(this.picture.layout, this.wasFitted ? undefined : READABLE);
    this.wasFitted = true;
  }

  clearFilters() {
    this.change({ sessions: new Set(), names: new Set(), uses: new Set(), since: null, until: null });
  }

  /** Return what is selected, or all that is shown, as PROV-JSON. */
  selectedDocument() {
    return provjsonText(new Set(this.ids()));
  }

  async export(kind) {
    const title = this.graph.title || "provenance";
    const name = title.replace(/[^\w.-]+/g, "-").slice(0, 60);
    if (kind === "provjson") return save(await this.selectedDocument(), `${name}.json`, "application/json");
    const text = this.picture.asSvg((group) => svgText(group, this.picture.layout, title));
    this.camera.panBy(0, 0);
    if (kind === "svg") return save(text, `${name}.svg`, "image/svg+xml");
    return save(await pngBlob(text, this.picture.layout), `${name}.png`, "image/png");
  }
}

function themeOf({ theme }) {
  return theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function notice(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = !text;
}

function connect(page) {
  const { picture, camera } = page;
  picture.svg.addEventListener("click", (event) => {
    if (camera.wasDragged()) return;
    const found = picture.at(event);
    if (!found) return page.state.selected !== null && page.select(null);
    if (found.action === "unfold") page.unfold(found.item);
    else if (found.action === "fold") page.fold(page.graph.around[found.item]);
    else page.select(found.item);
  });
  picture.svg.addEventListener("dblclick", (event) => {
    const found = picture.at(event);
    if (found && !found.action) page.unfold(found.item);
  });
  picture.svg.addEventListener("pointermove", (event) => !event.buttons && picture.hover(event));
  connectSearch(page.graph, (item) => page.reveal(item));
  const buttons = {
    fit: () => page.fit(),
    "fold-all": () => page.foldAll(),
    "unfold-all": () => page.unfoldAll(),
    "show-filters": () => page.change({ filters: !page.state.filters }),
    "show-timeline": () => page.change({ timeline: !page.state.timeline }),
    theme: () => page.change({ theme: themeOf(page.state) === "dark" ? "light" : "dark" }),
    help: () => byId("keys").showModal(),
    "export-menu": () => (byId("exports").hidden = !byId("exports").hidden),
    "all-times": () => page.change({ since: null, until: null }),
  };
  for (const [id, action] of Object.entries(buttons)) byId(id).addEventListener("click", action);
  for (const button of byId("exports").querySelectorAll("button"))
    button.addEventListener("click", () => {
      byId("exports").hidden = true;
      page.export(button.dataset.format);
    });
  document.addEventListener("pointerdown", (event) => {
    if (!byId("export-menu").parentElement.contains(event.target)) byId("exports").hidden = true;
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => page.update(true, false));
  addEventListener("hashchange", () => {
    page.state = fromFragment(page.graph, location.hash);
    page.update(false, true);
  });
  addEventListener("beforeprint", () => picture.enterPrint());
  addEventListener("afterprint", () => picture.leavePrint());
  connectKeys(page, buttons);
}

async function start() {
  const [data, graphviz] = await Promise.all([unpacked("data"), globalThis.Graphviz.load()]);
  const page = new Page(new Graph(data), graphviz);
  page.state = fromFragment(page.graph, location.hash);
  connect(page);
  page.update(false, true);
  globalThis.explorer = page;
  performance.mark("drawn");
}

start().catch((error) => {
  notice(`The graph could not be shown: ${error.message}`);
  console.error(error);
});
