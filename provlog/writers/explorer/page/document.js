// The PROV-JSON document of the graph: attributes of elements, and the document of a selection.

import { unpacked } from "./data.js";

const ELEMENTS = ["entity", "activity", "agent"];
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

/** Return the document of the elements with these ids and the relations between them. */
export async function partOf(ids) {
  const found = await provjson();
  const part = { prefix: found.prefix };
  for (const section of ELEMENTS) {
    const kept = Object.entries(found[section] ?? {}).filter(([id]) => ids.has(id));
    if (kept.length) part[section] = Object.fromEntries(kept);
  }
  for (const [kind, records] of Object.entries(found)) {
    if (NOT_RECORDS.has(kind)) continue;
    const kept = Object.entries(records).filter(([, record]) => isBetween(record, ids));
    if (kept.length) part[kind] = Object.fromEntries(kept);
  }
  return part;
}

/** Tell whether the two ends of a relation, its first two arguments, are among the ids. */
function isBetween(record, ids) {
  const [first, second] = Object.entries(Array.isArray(record) ? record[0] : record)
    .filter(([name]) => name.startsWith("prov:"))
    .map(([, value]) => value);
  return ids.has(first) && ids.has(second);
}
