// The PROV-JSON document of the graph: attributes of elements, and the document of a selection.

import { unpacked } from "./data.js";

const ELEMENTS = ["entity", "activity", "agent"];
// The types of the relations to descriptions and among them, see docs/ivoa.md.
const DESCRIBED = "voprov:DescriptionRelation";
const RELATED = "voprov:RelatedToRelation";
const NOT_RECORDS = new Set(["prefix", "bundle", ...ELEMENTS]);

let loading = null;

/** Return the document, which is unpacked when it is needed for the first time. */
export function provjson() {
  loading ??= unpacked("provjson");
  return loading;
}

/** Return the attributes of an element as pairs of name and text. */
export async function attributesOf(id) {
  const found = await provjson();
  for (const section of ELEMENTS) {
    const record = found[section]?.[id];
    if (!record) continue;
    const records = Array.isArray(record) ? record : [record];
    return records.flatMap((each) =>
      Object.entries(each).flatMap(([name, values]) =>
        (Array.isArray(values) ? values : [values]).map((value) => [name, textOf(value)]),
      ),
    );
  }
  return [];
}

export function textOf(value) {
  return typeof value === "object" && value !== null ? String(value.$) : String(value);
}

/** Return the document of the elements with these ids, their descriptions, and the relations between all of them. */
export async function partOf(ids) {
  return selected(await provjson(), ids);
}

export function selected(found, ids) {
  const all = withDescriptions(found, ids);
  const part = { prefix: found.prefix };
  for (const section of ELEMENTS) {
    const kept = Object.entries(found[section] ?? {}).filter(([id]) => all.has(id));
    if (kept.length) part[section] = Object.fromEntries(kept);
  }
  for (const [kind, records] of Object.entries(found)) {
    if (NOT_RECORDS.has(kind)) continue;
    const kept = Object.entries(records).filter(([, record]) => isBetween(record, all));
    if (kept.length) part[kind] = Object.fromEntries(kept);
  }
  return part;
}

/** Return ids with those of the descriptions of their elements, and of all that are parts of these. */
function withDescriptions(found, ids) {
  const all = new Set(ids);
  const described = new Set();
  const parts = new Map();
  for (const record of Object.values(found.wasInfluencedBy ?? {}).flat()) {
    const [from, to] = [record["prov:influencee"], record["prov:influencer"]];
    const types = [record["prov:type"] ?? []].flat().map(textOf);
    if (types.includes(DESCRIBED) && ids.has(from)) described.add(to);
    if (!types.includes(RELATED)) continue;
    if (!parts.has(to)) parts.set(to, []);
    parts.get(to).push(from);
  }
  // A set is visited in the order of insertion, including what is added on the way.
  for (const each of described) for (const part of parts.get(each) ?? []) described.add(part);
  for (const each of described) all.add(each);
  return all;
}

/** Tell whether the two ends of a relation, its first two arguments, are among the ids. */
function isBetween(record, ids) {
  const [first, second] = Object.entries(Array.isArray(record) ? record[0] : record)
    .filter(([name]) => name.startsWith("prov:"))
    .map(([, value]) => value);
  return ids.has(first) && ids.has(second);
}
