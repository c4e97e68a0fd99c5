// The page: its state, what follows from it, and what keys and clicks do.

import { Camera } from "./camera.js";
import { Graph, unpacked } from "./data.js";
import { cull, draw, element } from "./draw.js";
import { pngBlob, provjsonText, save, svgText } from "./exports.js";
import { showFilters } from "./filters.js";
import { layout, sizeOf } from "./layout.js";
import { showPanel } from "./panel.js";
import { connectSearch } from "./search.js";
import { emptyState, fromFragment, toFragment } from "./state.js";
import { Timeline } from "./timeline.js";

const byId = (id) => document.getElementById(id);
const MOST_UNFOLDED = 5000;
const MOST_DRAWN = 300;
const READABLE = 0.43;
const LABELLED = new Set(["used", "wasGeneratedBy", "hadMember", "wasAssociatedWith"]);

class Page {
  constructor(graph, graphviz) {
    this.graph = graph;
    this.graphviz = graphviz;
    this.state = emptyState(graph);
    this.svg = byId("picture");
    this.picture = element("g", { id: "graph" });
    this.svg.append(this.picture);
    this.camera = new Camera(this.svg, this.picture, () => this.moved());
    this.drawn = null;
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
      isSame("open", "sessions", "names", "withoutUses", "since", "until", "only") &&
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
    if (!isPlaced || !this.drawn) this.place();
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

  /** After a move, draw only what is in the window, unless all of it is little. */
  moved() {
    if (this.isCulling || !this.drawn || this.view.nodes.length < MOST_DRAWN) return;
    this.isCulling = true;
    requestAnimationFrame(() => {
      this.isCulling = false;
      cull(this.drawn, this.camera.window());
    });
  }

  /** Lay out what the state shows. */
  place() {
    const { graph, state } = this;
    const isFiltered = state.sessions.size || state.names.size || state.since !== null || state.until !== null;
    const kept = isFiltered ? graph.select(state) : null;
    const uses = state.withoutUses.size ? graph.withoutUses(state.withoutUses) : null;
    const only = state.only && state.selected !== null ? this.selection().all : null;
    this.shown = (leaf) => (!kept || kept.has(leaf)) && !uses?.omitted.has(leaf) && (!only || only.has(leaf));
    const view = graph.visible(state.open, this.shown, (row) => !uses?.isDropped(row));
    this.view = this.dressed(view);
    this.drawn = draw(this.picture, layout(this.view, this.graphviz));
    const hidden = graph.leaves.length - graph.leaves.filter(this.shown).length;
    byId("summary").textContent =
      `${this.view.nodes.length.toLocaleString("en")} nodes for ${(graph.leaves.length - hidden).toLocaleString("en")} elements` +
      (hidden ? `, ${hidden.toLocaleString("en")} hidden` : "");
    notice(this.view.nodes.length ? "" : "Nothing matches the filters.");
  }

  /** Return nodes, frames and edges with what is needed to lay them out and draw them. */
  dressed({ nodes, edges, counts }) {
    const { graph, state } = this;
    const homes = new Set(nodes.map((item) => graph.items[item].home).filter((home) => home !== undefined));
    const framed = new Set(nodes.filter((item) => homes.has(item)));
    const foldable = (item) => {
      const outer = graph.around[item];
      return outer >= 0 && state.open.has(outer) ? outer : -1;
    };
    const frames = [...framed].map((item) => ({ item, title: graph.titles.get(item) ?? graph.items[item].lines[0], canFold: foldable(item) >= 0 }));
    const dressedNodes = nodes
      .filter((item) => !framed.has(item))
      .map((item) => {
        const known = graph.items[item];
        const outer = foldable(item);
        const all = graph.isGroup(item) ? graph.elements(item).length : 1;
        const part = counts.get(item) < all ? [`${counts.get(item)} of ${all} shown`] : [];
        const size = sizeOf([...known.lines.slice(0, part.length ? 3 : 4), ...part], known.kind);
        const canFold = outer >= 0 && !(graph.items[outer].kind === "session" && graph.around[item] === outer && framed.has(graph.items[item].home));
        return {
          item, ...size, kind: known.kind, failed: known.failed, isGroup: graph.isGroup(item),
          frame: framed.has(known.home) ? known.home : undefined, canFold,
          foldTitle: canFold ? graph.items[outer].lines[0] : "",
          tooltip: [...known.lines, known.id ?? ""].filter(Boolean).join("\n"),
        };
      });
    return { nodes: dressedNodes, frames, edges: this.gathered(edges, dressedNodes, framed).map(labelled(graph)) };
  }

  /** Leave out what frames show; one association of a frame replaces those of all its activities. */
  gathered(edges, nodes, framed) {
    const { items } = this.graph;
    const runs = new Map();
    for (const { kind, frame } of nodes) if (kind === "activity" && frame !== undefined) runs.set(frame, (runs.get(frame) ?? 0) + 1);
    const common = new Map();
    const kept = [];
    for (const edge of edges) {
      const frame = items[edge.source].home;
      if (edge.kind === "wasPartOf" && framed.has(edge.target) && frame === edge.target) continue;
      const owner = framed.has(edge.source) ? edge.source : frame;
      if (edge.kind === "wasAssociatedWith" && framed.has(owner)) {
        const key = `${owner} ${edge.target}`;
        if (!common.has(key)) common.set(key, []);
        common.get(key).push(edge);
      } else if (edge.source !== edge.target) {
        kept.push(edge);
      }
    }
    for (const [key, found] of common) {
      const [frame, target] = key.split(" ").map(Number);
      const own = found.filter((edge) => edge.source !== frame);
      if (own.length < (runs.get(frame) ?? 0)) {
        kept.push(...found);
        continue;
      }
      const roles = new Set(found.flatMap((edge) => [...edge.roles]));
      const times = found.reduce((sum, edge) => sum + edge.times, 0);
      kept.push({ kind: "wasAssociatedWith", source: frame, target, times, roles });
    }
    return kept;
  }

  /** Highlight the selection and dim the rest. */
  light() {
    const part = this.selection();
    const at = this.graph.drawn(this.state.open);
    const lit = part && new Set([...part.all].map((leaf) => at[leaf]));
    for (const [item, node] of this.drawn.nodes) {
      const isFrame = node.classList.contains("frame");
      node.classList.toggle("dim", Boolean(lit) && !lit.has(item) && !isFrame);
      node.classList.toggle("selected", part !== null && item === at[this.state.selected]);
    }
    for (const { line, label, edge } of this.drawn.edges) {
      const isLit = Boolean(lit) && lit.has(edge.source) && lit.has(edge.target);
      for (const each of [line, label]) {
        each?.classList.toggle("dim", Boolean(lit) && !isLit);
        each?.classList.toggle("lit", isLit);
      }
    }
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
    const { nodes, frames } = this.drawn.layout;
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
    this.camera.fit(this.drawn.layout, this.wasFitted ? undefined : READABLE);
    this.wasFitted = true;
  }

  clearFilters() {
    this.change({ sessions: new Set(), names: new Set(), withoutUses: new Set(), since: null, until: null });
  }

  async export(kind) {
    const title = this.graph.title || "provenance";
    const name = title.replace(/[^\w.-]+/g, "-").slice(0, 60);
    if (kind === "provjson") return save(await provjsonText(new Set(this.ids())), `${name}.json`, "application/json");
    const text = svgText(this.picture, this.drawn.layout, title);
    this.camera.panBy(0, 0);
    if (kind === "svg") return save(text, `${name}.svg`, "image/svg+xml");
    return save(await pngBlob(text, this.drawn.layout), `${name}.png`, "image/png");
  }
}

function themeOf({ theme }) {
  return theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function labelled(graph) {
  return (edge) => {
    const roles = [...edge.roles];
    const said = roles.length > 2 ? `${roles.length} roles` : roles.map((role) => (role.length > 28 ? `${role.slice(0, 27)}…` : role)).join(", ");
    const times = edge.times > 1 ? `×${edge.times.toLocaleString("en")}` : "";
    const kind = LABELLED.has(edge.kind) ? "" : edge.kind;
    const [from, to] = [edge.source, edge.target].map((end) => graph.items[end].lines[0]);
    const label = [kind, said, times].filter(Boolean).join(" ");
    return { ...edge, label, tooltip: [from, edge.kind + (times && ` ${times}`), to, ...roles].join("\n") };
  };
}

function notice(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = !text;
}

function connect(page) {
  const { svg, camera } = page;
  svg.addEventListener("click", (event) => {
    if (camera.wasDragged()) return;
    const target = event.target.closest("[data-item]");
    const action = event.target.closest("[data-action]")?.dataset.action;
    if (!target) return page.state.selected !== null && page.select(null);
    const item = Number(target.dataset.item);
    if (action === "unfold") page.unfold(item);
    else if (action === "fold") page.fold(page.graph.around[item]);
    else page.select(item);
  });
  svg.addEventListener("dblclick", (event) => {
    const target = event.target.closest("[data-item]");
    if (target && !event.target.closest("[data-action]")) page.unfold(Number(target.dataset.item));
  });
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
    if (!event.target.closest(".menu")) byId("exports").hidden = true;
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => page.update(true, false));
  addEventListener("hashchange", () => {
    page.state = fromFragment(page.graph, location.hash);
    page.update(false, true);
  });
  addEventListener("beforeprint", () => page.fit());
  connectKeys(page, buttons);
}

function connectKeys(page, buttons) {
  const { camera } = page;
  const step = 80;
  const keys = {
    "/": () => byId("search").focus(),
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
    ArrowLeft: () => camera.panBy(step, 0),
    ArrowRight: () => camera.panBy(-step, 0),
    ArrowUp: () => camera.panBy(0, step),
    ArrowDown: () => camera.panBy(0, -step),
    u: () => page.change({ up: !page.state.up }),
    d: () => page.change({ down: !page.state.down }),
    o: () => page.change({ only: !page.state.only }),
    f: buttons["show-filters"],
    t: buttons["show-timeline"],
    n: () => step1(page, 1),
    p: () => step1(page, -1),
    "?": buttons.help,
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|BUTTON)$/.test(event.target.tagName)) return;
    if (byId("keys").open || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
}

/** Select the next or the previous node. */
function step1(page, by) {
  const items = page.view.nodes.map((node) => node.item);
  const at = items.indexOf(page.state.selected);
  if (items.length) page.reveal(items[(at + by + items.length + (at < 0 && by < 0 ? 1 : 0)) % items.length]);
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
