// Search: suggestions by label, id, file, role and parameter.

import { provjson, textOf } from "./document.js";

const MOST_SUGGESTIONS = 14;
const fileOf = (path) => path.split("/").pop() || path;

/** Return what can be found: texts, the reason why they are found, and the item. */
export async function searchIndex(graph) {
  const entries = [];
  const seen = new Set();
  const add = (text, why, item) => {
    const key = `${item}\n${text}`;
    if (!text || seen.has(key)) return;
    seen.add(key);
    entries.push({ text, lower: text.toLowerCase(), why, item });
  };
  const document = await provjson();
  for (const section of ["entity", "activity", "agent"])
    for (const [id, record] of Object.entries(document[section] ?? {})) {
      const item = graph.byId.get(id);
      if (item === undefined) continue;
      const attributes = Object.entries(Array.isArray(record) ? Object.assign({}, ...record) : record);
      const named = { "prov:label": "label", "dcterms:identifier": "id", "prov:location": "file", "prov:type": "type" };
      for (const [name, values] of attributes)
        for (const value of [values].flat()) {
          const text = textOf(value);
          if (named[name]) add(text, named[name], item);
          if (named[name] && text.includes("/")) add(fileOf(text), "file", item);
          if (name.startsWith("param:")) add(`${name.slice(6)} = ${text.slice(0, 200)}`, "parameter", item);
        }
      add(id, "id", item);
    }
  const { kind, kinds, source, target, role, texts } = graph.links;
  for (let row = 0; row < kind.length; row++) {
    const end = kinds[kind[row]].name === "used" ? target[row] : source[row];
    if (role[row]) add(texts[role[row]], "role", end);
  }
  return entries;
}

/** Return the best entries for a query, at most one for each item. */
export function suggestions(entries, query) {
  const wanted = query.trim().toLowerCase();
  if (!wanted) return [];
  const ranked = [];
  for (const entry of entries) {
    const place = entry.lower.indexOf(wanted);
    if (place < 0) continue;
    const isWhole = entry.lower.length === wanted.length;
    ranked.push([isWhole ? 0 : place === 0 ? 1 : 2, entry]);
  }
  ranked.sort((a, b) => a[0] - b[0] || a[1].text.length - b[1].text.length);
  const found = new Map();
  for (const [, entry] of ranked) if (!found.has(entry.item)) found.set(entry.item, entry);
  return [...found.values()];
}

/** Connect the search field. `chosen` receives the item of a suggestion. */
export function connectSearch(graph, chosen) {
  const field = /** @type {HTMLInputElement} */ (document.getElementById("search"));
  const list = document.getElementById("suggestions");
  let entries = null;
  let current = [];
  let at = 0;
  const close = () => {
    list.hidden = true;
    field.setAttribute("aria-expanded", "false");
  };
  const take = (entry) => {
    close();
    field.blur();
    chosen(entry.item);
  };
  const show = () => {
    list.replaceChildren();
    current.slice(0, MOST_SUGGESTIONS).forEach((entry, row) => {
      const line = document.createElement("li");
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", String(row === at));
      line.dataset.item = entry.item;
      const what = document.createElement("span");
      what.className = "what";
      what.textContent = entry.text.length > 120 ? `${entry.text.slice(0, 119)}…` : entry.text;
      const why = document.createElement("span");
      why.className = "why";
      const [name] = graph.items[entry.item].lines;
      why.textContent = name === entry.text ? entry.why : `${entry.why} of ${name}`;
      line.append(what, why);
      line.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        take(entry);
      });
      list.append(line);
    });
    if (current.length > MOST_SUGGESTIONS || !current.length) {
      const more = document.createElement("li");
      more.className = "why";
      more.textContent = current.length ? `${current.length - MOST_SUGGESTIONS} more` : "nothing found";
      list.append(more);
    }
    list.hidden = !field.value.trim();
    field.setAttribute("aria-expanded", String(!list.hidden));
  };
  field.addEventListener("input", async () => {
    entries ??= await searchIndex(graph);
    current = suggestions(entries, field.value);
    at = 0;
    show();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      field.value = "";
      close();
      field.blur();
    } else if (event.key === "Enter" && current[at] && !list.hidden) {
      take(current[at]);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const count = Math.min(MOST_SUGGESTIONS, current.length);
      at = (at + (event.key === "ArrowDown" ? 1 : count - 1)) % Math.max(1, count);
      show();
    }
  });
  field.addEventListener("blur", close);
}
