// Places of nodes in layers by their distance from the first causes, in time linear in their number but for sorting.

const SPACE = { column: 56, part: 22, row: 14 };
const SWEEPS = 4;
// A column with more nodes is divided.
const MOST_IN_COLUMN = 30;

/** Return the nodes with places, and the size of all. An edge leads from an effect to its cause, which is on its left. */
export function inLayers(nodes, edges) {
  const causes = neighboursOf(nodes, edges, "source", "target");
  const effects = neighboursOf(nodes, edges, "target", "source");
  const columns = columnsOf(nodes, causes, effects);
  for (let sweep = 0; sweep < SWEEPS; sweep++) sortColumns(columns, sweep % 2 ? effects : causes, sweep % 2 === 1);
  return stackedColumns(columns, causes);
}

function neighboursOf(nodes, edges, near, far) {
  const found = new Map(nodes.map(({ item }) => [item, []]));
  for (const edge of edges)
    if (edge.source !== edge.target && found.has(edge.source) && found.has(edge.target)) found.get(edge[near]).push(edge[far]);
  return found;
}

/** Return the nodes by rank: the longest way to a first cause, but first causes are beside their first effect. */
function columnsOf(nodes, causes, effects) {
  const rank = longest(nodes, causes);
  for (const { item } of nodes)
    if (!causes.get(item).length && effects.get(item).length)
      rank.set(item, Math.max(0, Math.min(...effects.get(item).map((each) => rank.get(each))) - 1));
  const columns = [];
  for (const node of nodes) (columns[rank.get(node.item)] ??= []).push(node);
  return columns.filter(Boolean);
}

/** Return the length of the longest way from each node; edges that close a cycle do not count. */
function longest(nodes, causes) {
  const rank = new Map();
  const done = new Set();
  for (const { item } of nodes) {
    if (rank.has(item)) continue;
    rank.set(item, 0);
    const path = [[item, 0]];
    while (path.length) {
      const step = path[path.length - 1];
      const [at] = step;
      const next = causes.get(at)[step[1]++];
      if (next === undefined) {
        path.pop();
        done.add(at);
      } else if (!rank.has(next)) {
        rank.set(next, 0);
        path.push([next, 0]);
        // Its rank is known when it is done, so the edge is followed once more.
        step[1]--;
      } else if (done.has(next)) {
        rank.set(at, Math.max(rank.get(at), rank.get(next) + 1));
      }
    }
  }
  return rank;
}

/** Sort each column by the mean of its neighbours' rows, so that fewer edges cross. */
function sortColumns(columns, near, isBackwards) {
  const row = new Map();
  for (const column of columns) column.forEach(({ item }, at) => row.set(item, (at + 0.5) / column.length));
  for (const column of isBackwards ? columns.toReversed() : columns) {
    const mean = new Map(column.map(({ item }) => [item, meanOf(near.get(item).map((each) => row.get(each))) ?? row.get(item)]));
    column.sort((a, b) => mean.get(a.item) - mean.get(b.item));
    column.forEach(({ item }, at) => row.set(item, (at + 0.5) / column.length));
  }
}

function meanOf(numbers) {
  return numbers.length ? numbers.reduce((sum, each) => sum + each, 0) / numbers.length : undefined;
}

function stackedColumns(columns, causes) {
  const places = new Map();
  let x = 0;
  for (const column of columns) {
    if (x) x += SPACE.column;
    for (let start = 0; start < column.length; start += MOST_IN_COLUMN) {
      if (start) x += SPACE.part;
      const part = column.slice(start, start + MOST_IN_COLUMN);
      const width = part.reduce((widest, node) => Math.max(widest, node.width), 0);
      const wanted = part.map(({ item }) => meanOf(causes.get(item).flatMap((each) => places.get(each)?.y ?? [])));
      const ys = stacked(part, column.length > MOST_IN_COLUMN ? [] : wanted);
      part.forEach((node, at) => places.set(node.item, { ...node, x: x + width / 2, y: ys[at] }));
      x += width;
    }
  }
  const found = [...places.values()];
  const top = found.reduce((least, { y, height }) => Math.min(least, y - height / 2), Infinity);
  for (const node of found) node.y -= top;
  return { nodes: found, width: x, height: found.reduce((most, { y, height }) => Math.max(most, y + height / 2), 0) };
}

/** Return the places of nodes above each other, as near to the wanted ones as their heights permit. */
function stacked(nodes, wanted) {
  const ys = [];
  let free = -Infinity;
  nodes.forEach(({ height }, at) => {
    const least = free + height / 2;
    ys.push(Math.max(least, wanted[at] ?? (at ? least : 0)));
    free = ys[at] + height / 2 + SPACE.row;
  });
  const shift = meanOf(ys.flatMap((y, at) => wanted[at] === undefined ? [] : [wanted[at] - y])) ?? 0;
  return ys.map((y) => y + shift);
}
