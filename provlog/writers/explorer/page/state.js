// The state of a view, and its form in the fragment of the address, so that a view can be linked.

export function emptyState(graph) {
  return {
    open: new Set(graph.open),
    selected: graph.selected,
    up: true,
    down: true,
    depth: null,
    only: false,
    sessions: new Set(),
    names: new Set(),
    uses: new Set(),
    since: null,
    until: null,
    timeline: false,
    filters: false,
    theme: "",
  };
}

const numbers = (text) => text.split(".").filter(Boolean).map(Number);
const known = (graph, list) => list.filter((item) => Number.isInteger(item) && item >= 0 && item < graph.items.length);
const time = (text) => (Number.isFinite(Date.parse(text)) ? Date.parse(text) : null);

/** Return the state as the fragment of an address; what is as at the start is left out. */
export function toFragment(graph, state) {
  const start = new Set(graph.open);
  const fields = new URLSearchParams();
  const put = (name, value) => value && fields.set(name, value);
  put("open", [...state.open].filter((item) => !start.has(item)).join("."));
  put("fold", graph.open.filter((item) => !state.open.has(item)).join("."));
  if (state.selected !== null) {
    const { id } = graph.items[state.selected];
    fields.set("select", id ?? `.${state.selected}`);
  }
  if (state.up !== state.down) put("lineage", state.up ? "up" : "down");
  else if (!state.up) put("lineage", "none");
  put("depth", state.depth && String(state.depth));
  put("only", state.only && "1");
  for (const item of state.sessions) fields.append("session", graph.items[item].id);
  for (const name of state.names) fields.append("activity", name);
  for (const use of state.uses) fields.append("use", use);
  put("since", state.since !== null && new Date(state.since).toISOString());
  put("until", state.until !== null && new Date(state.until).toISOString());
  put("timeline", state.timeline && "1");
  put("filters", state.filters && "1");
  put("theme", state.theme);
  return fields.toString();
}

/** Return the state in a fragment; what does not fit the graph is ignored. */
export function fromFragment(graph, text) {
  const fields = new URLSearchParams(text.replace(/^#/, ""));
  const state = emptyState(graph);
  for (const item of known(graph, numbers(fields.get("open") ?? ""))) state.open.add(item);
  for (const item of known(graph, numbers(fields.get("fold") ?? ""))) state.open.delete(item);
  const selected = fields.get("select") ?? (text ? "" : (graph.items[graph.selected]?.id ?? ""));
  const [number] = known(graph, [selected.startsWith(".") ? Number(selected.slice(1)) : -1]);
  state.selected = graph.byId.get(selected) ?? number ?? null;
  const lineage = fields.get("lineage") ?? "both";
  state.up = lineage === "up" || lineage === "both";
  state.down = lineage === "down" || lineage === "both";
  const depth = Number(fields.get("depth"));
  state.depth = Number.isInteger(depth) && depth > 0 ? depth : null;
  state.only = fields.has("only");
  for (const id of fields.getAll("session"))
    if (graph.titles.has(graph.byId.get(id))) state.sessions.add(graph.byId.get(id));
  state.names = new Set(fields.getAll("activity").filter((name) => graph.activities.name.includes(name)));
  const uses = new Set(graph.links.use.map((use) => graph.links.texts[use] ?? ""));
  state.uses = new Set(fields.getAll("use").filter((use) => uses.has(use)));
  state.since = time(fields.get("since"));
  state.until = time(fields.get("until"));
  state.timeline = fields.has("timeline");
  state.filters = fields.has("filters");
  state.theme = ["dark", "light"].includes(fields.get("theme")) ? fields.get("theme") : "";
  return state;
}
