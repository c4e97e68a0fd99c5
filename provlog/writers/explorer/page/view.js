// What a view shows, ready to be laid out: nodes with sizes and captions, frames with titles, and the edges between them.

import { sizeOf } from "./layout.js";

const LABELLED = new Set(["used", "wasGeneratedBy", "hadMember", "wasAssociatedWith"]);
const MOST_LETTERS = 28;

/** Return the nodes, frames and edges of what is visible while the groups in `open` are unfolded. */
export function dressed({ nodes, edges, counts }, graph, open) {
  const homes = new Set(nodes.map((item) => graph.items[item].home).filter((home) => home !== undefined));
  const framed = new Set(nodes.filter((item) => homes.has(item)));
  const foldable = (item) => {
    const outer = graph.around[item];
    return outer >= 0 && open.has(outer) ? outer : -1;
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
  return { nodes: dressedNodes, frames, edges: gathered(edges, dressedNodes, framed, graph).map((edge) => labelled(edge, graph)) };
}

/** Leave out what frames show; one association of a frame replaces those of all its activities. */
function gathered(edges, nodes, framed, { items }) {
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

/** Return an edge with its label and its tooltip. */
function labelled(edge, graph) {
  const roles = [...edge.roles];
  const said = roles.length > 2 ? `${roles.length} roles` : roles.map(shortRole).join(", ");
  const times = edge.times > 1 ? `×${edge.times.toLocaleString("en")}` : "";
  const kind = LABELLED.has(edge.kind) ? "" : edge.kind;
  const [from, to] = [edge.source, edge.target].map((end) => graph.items[end].lines[0]);
  const label = [kind, said, times].filter(Boolean).join(" ");
  return { ...edge, label, tooltip: [from, edge.kind + (times && ` ${times}`), to, ...roles].join("\n") };
}

const shortRole = (text) => (text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS - 1)}…` : text);
