// The graph of the page: its tree of items, its links, and the questions that the page asks of it.

/** Return the content of a data block: JSON, packed with gzip and written in base64. */
export async function unpacked(id) {
  const text = document.getElementById(id).textContent.trim();
  const letters = atob(text);
  // A loop takes a tenth of the time of Uint8Array.from.
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

/**
 * @typedef {{kind: string, lines: string[], id?: string, home?: number, failed?: boolean, members?: boolean}} Item
 * @typedef {{name: string, followed: boolean, direct: boolean, generation: boolean}} Kind
 * @typedef {{
 *   kinds: Kind[], texts: (string | null)[], kind: number[], source: number[], target: number[], role: number[], use: number[]
 * }} Links
 * @typedef {{
 *   item: number[], name: string[], session: number[], start: (number | null)[], end: (number | null)[]
 * }} Activities
 * @typedef {{
 *   title: string, items: Item[], around: number[], selected: number | null, open: number[], sessions: [number, string][],
 *   activities: Activities, entities: {item: number[], session: number[]}, links: Links, descriptions: [number, ...string[]][]
 * }} Data What `data.py` writes.
 */

export class Graph {
  /** @param {Data} data */
  constructor(data) {
    /** @type {Record<string, Map<number, number[]>>} */
    this.lists = {};
    this.title = data.title;
    this.items = data.items;
    this.around = data.around;
    this.selected = data.selected;
    this.open = data.open;
    this.sessions = data.sessions;
    this.activities = data.activities;
    this.entities = data.entities;
    this.links = data.links;
    const count = this.items.length;
    /** @type {number[][]} */
    this.parts = this.items.map(() => []);
    this.last = Int32Array.from({ length: count }, (_, item) => item + 1);
    for (let item = count - 1; item >= 0; item--) {
      const outer = this.around[item];
      if (outer >= 0) this.last[outer] = Math.max(this.last[outer], this.last[item]);
    }
    this.around.forEach((outer, item) => outer >= 0 && this.parts[outer].push(item));
    this.leaves = [...this.items.keys()].filter((item) => !this.parts[item].length);
    this.byId = new Map(this.leaves.map((item) => [this.items[item].id, item]));
    this.titles = new Map(this.sessions);
    this.place = new Map(this.activities.item.map((item, row) => [item, row]));
    this.sessionOf = new Map(this.entities.item.map((item, row) => [item, this.entities.session[row]]));
    this.activities.item.forEach((item, row) => this.sessionOf.set(item, this.activities.session[row]));
    this.described = new Map(data.descriptions.map(([item, ...lines]) => [item, lines]));
  }

  isGroup(item) {
    return this.parts[item].length > 0;
  }

  /** Return the elements in an item: all items without parts among its descendants. */
  elements(item) {
    const found = [];
    for (let each = item; each < this.last[item]; each++) if (!this.isGroup(each)) found.push(each);
    return found;
  }

  /** Return the groups around an item, the innermost first. */
  groups(item) {
    const found = [];
    for (let outer = this.around[item]; outer >= 0; outer = this.around[outer]) found.push(outer);
    return found;
  }

  /** Return for each item the item that is drawn in its place. */
  drawn(open) {
    const at = new Int32Array(this.items.length);
    this.around.forEach((outer, item) => {
      const isFree = outer < 0 || (at[outer] === outer && open.has(outer));
      at[item] = isFree ? item : at[outer];
    });
    return at;
  }

  /** Return the nodes and the edges to draw. `shown` tests elements; `isLink` tests links. */
  visible(open, shown, isLink) {
    const at = this.drawn(open);
    const counts = new Map();
    for (const leaf of this.leaves) {
      if (!shown(leaf)) continue;
      counts.set(at[leaf], (counts.get(at[leaf]) ?? 0) + 1);
    }
    const edges = new Map();
    const { kinds, kind, source, target, role, texts } = this.links;
    const names = kinds.map((each) => kinds.findIndex((other) => other.name === each.name));
    const size = this.items.length;
    for (let row = 0; row < kind.length; row++) {
      const from = at[source[row]];
      const to = at[target[row]];
      if (from === to && this.isGroup(from)) continue;
      if (!isLink(row) || !shown(source[row]) || !shown(target[row])) continue;
      const key = (names[kind[row]] * size + from) * size + to;
      let edge = edges.get(key);
      if (!edge) {
        edge = { kind: kinds[kind[row]].name, source: from, target: to, times: 0, roles: new Set() };
        edges.set(key, edge);
      }
      edge.times++;
      if (role[row]) edge.roles.add(texts[role[row]]);
    }
    return { nodes: [...counts.keys()].sort((a, b) => a - b), counts, edges: [...edges.values()] };
  }

  /** Return the lists of followed neighbours: for each element, where its rows begin in `far`. */
  neighbours(isDownstream) {
    const name = isDownstream ? "below" : "above";
    if (!this.lists[name]) {
      const { kinds, kind, source, target } = this.links;
      const lists = new Map();
      for (let row = 0; row < kind.length; row++) {
        if (!kinds[kind[row]].followed) continue;
        const [near, far] = isDownstream ? [target[row], source[row]] : [source[row], target[row]];
        if (!lists.has(near)) lists.set(near, []);
        lists.get(near).push(far);
      }
      this.lists[name] = lists;
    }
    return this.lists[name];
  }

  /** Return what elements come from, or what came from them, with themselves. */
  lineage(starts, isDownstream, depth) {
    const lists = this.neighbours(isDownstream);
    const reached = new Set(starts);
    let edge = [...starts];
    for (let level = 0; edge.length && level !== depth; level++) {
      const found = [];
      for (const near of edge)
        for (const far of lists.get(near) ?? [])
          if (!reached.has(far)) {
            reached.add(far);
            found.push(far);
          }
      edge = found;
    }
    return reached;
  }

  /** Return the elements of the activities that match all criteria, and what touches them. */
  select({ sessions, names, since, until }) {
    const { item, name, session, start, end } = this.activities;
    const kept = new Set();
    const isTimed = since !== null || until !== null;
    for (let row = 0; row < item.length; row++) {
      if (sessions.size && !sessions.has(session[row])) continue;
      if (names.size && !names.has(name[row])) continue;
      const first = start[row] ?? end[row];
      const last = end[row] ?? start[row];
      if (isTimed && first === null) continue;
      if ((since !== null && last < since) || (until !== null && first > until)) continue;
      kept.add(item[row]);
    }
    if (sessions.size && !names.size && !isTimed) {
      for (const each of sessions) kept.add(each);
      this.entities.item.forEach((each, row) => {
        if (sessions.has(this.entities.session[row])) kept.add(each);
      });
    }
    const chosen = new Set([...kept].filter((each) => this.place.has(each) || this.titles.has(each)));
    const { kinds, kind, source, target } = this.links;
    const members = new Map();
    for (let row = 0; row < kind.length; row++) {
      const what = kinds[kind[row]];
      if (what.direct && chosen.has(source[row])) kept.add(target[row]);
      else if (what.direct && what.generation && chosen.has(target[row])) kept.add(source[row]);
      if (what.name !== "hadMember") continue;
      if (!members.has(source[row])) members.set(source[row], []);
      members.get(source[row]).push(target[row]);
    }
    // A set is visited in the order of insertion, including what is added on the way.
    for (const each of kept) for (const member of members.get(each) ?? []) kept.add(member);
    return kept;
  }

  /** Return a test of links that are of other types of use, and the elements that no link mentions any more. */
  ofUses(uses) {
    const { kinds, kind, source, target, use, texts } = this.links;
    const isFlow = kinds.map(({ name }) => name === "used" || name === "wasGeneratedBy");
    const isDropped = (row) => isFlow[kind[row]] && !uses.has(texts[use[row]] ?? "");
    const touched = new Set();
    const mentioned = new Set();
    const collections = new Map();
    for (let row = 0; row < kind.length; row++) {
      const { name } = kinds[kind[row]];
      if (isFlow[kind[row]])
        (isDropped(row) ? touched : mentioned).add(name === "used" ? target[row] : source[row]);
      else if (name === "hadMember") {
        if (!collections.has(target[row])) collections.set(target[row], []);
        collections.get(target[row]).push(source[row]);
      }
    }
    const omitted = new Set([...touched].filter((each) => !mentioned.has(each)));
    for (let isChanged = true; isChanged; ) {
      isChanged = false;
      for (const [member, outer] of collections)
        if (!mentioned.has(member) && !omitted.has(member) && outer.every((each) => omitted.has(each))) {
          omitted.add(member);
          isChanged = true;
        }
    }
    return { isDropped, omitted };
  }
}
