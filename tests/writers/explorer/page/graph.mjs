import { Graph } from "../../../../provlog/writers/explorer/page/data.js";

const KINDS = [
  { name: "used", followed: true, direct: true, generation: false },
  { name: "wasGeneratedBy", followed: true, direct: true, generation: true },
];

/** Return a graph: raw (2) was used by reduce (1), in session (0), which generated a group (3) of two images (4, 5). */
export function small() {
  const items = ["session", "reduce", "raw", "images", "first", "second"];
  const kinds = ["session", "activity", "entity", "entity", "entity", "entity"];
  return new Graph({
    title: "small",
    items: items.map((name, item) => ({ kind: kinds[item], lines: [name], ...(item === 3 ? {} : { id: `log:${name}` }) })),
    around: [-1, -1, -1, -1, 3, 3],
    selected: null,
    open: [],
    sessions: [[0, "session small"]],
    activities: { item: [1], name: ["reduce"], session: [0], start: [1000], end: [2000] },
    entities: { item: [2, 4, 5], session: [-1, 0, 0] },
    links: {
      kinds: KINDS, texts: [null, "input", "Main", "Log"],
      kind: [0, 1, 1], source: [1, 4, 5], target: [2, 1, 1], role: [1, 0, 0], use: [2, 2, 3],
    },
    descriptions: [],
  });
}
