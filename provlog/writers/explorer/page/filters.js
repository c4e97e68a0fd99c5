// The filters: sessions, names of activities, types of use, period.

import { make } from "./panel.js";

const counted = (values) => {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};

const written = (time) => new Date(time).toISOString().slice(0, 19);

/** Fill the filters; `page` changes the view. */
export function showFilters(place, graph, page) {
  const { state } = page;
  const { kind, kinds, use, texts } = graph.links;
  const flows = [...kind.keys()].filter((row) => ["used", "wasGeneratedBy"].includes(kinds[kind[row]].name));
  const uses = counted(flows.map((row) => texts[use[row]] ?? ""));
  const own = counted(graph.activities.session);
  place.replaceChildren(
    choices("Sessions", graph.sessions.map(([item, title]) => [item, title.replace(/^session /, ""), own.get(item) ?? 0]), state.sessions, (sessions) => page.change({ sessions })),
    choices("Activities", [...counted(graph.activities.name)].map(([name, count]) => [name, name, count]), state.names, (names) => page.change({ names })),
  );
  if (uses.size > 1)
    place.append(
      choices("Types of use", [...uses].map(([name, count]) => [name, name || "without a type", count]), state.uses, (uses) => page.change({ uses })),
    );
  const period = make("fieldset", {}, make("legend", {}, "Time"));
  const { from, to } = page.timeline;
  for (const [key, text, end] of [["since", "from", from], ["until", "to", to]]) {
    const value = state[key] === null ? "" : written(state[key]);
    const field = make("input", { type: "text", value, placeholder: page.timeline.bars.length ? written(end) : "", "aria-label": text, "data-key": key });
    field.addEventListener("change", () => {
      const entered = field.value.trim().replace(" ", "T");
      const time = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(entered) || !entered.includes("T") ? entered : `${entered}Z`);
      page.change({ [key]: Number.isFinite(time) ? time : null });
    });
    period.append(make("label", {}, text, field));
  }
  place.append(period, make("button", { id: "no-filters", onclick: () => page.clearFilters() }, "Clear all filters"));
}

function choices(title, rows, chosen, changed) {
  const made = make("fieldset", {}, make("legend", {}, title));
  const list = make("div", { class: "list" });
  for (const [value, text, count] of rows.slice(0, 500)) {
    const box = make("input", { type: "checkbox", "data-value": text });
    box.checked = chosen.has(value);
    box.addEventListener("change", () => {
      const next = new Set(chosen);
      if (box.checked) next.add(value);
      else next.delete(value);
      changed(next);
    });
    list.append(make("label", {}, box, make("span", {}, text), make("span", { class: "count" }, count.toLocaleString("en"))));
  }
  if (rows.length > 12) {
    const find = make("input", { type: "text", placeholder: "Find", "aria-label": `Find in ${title}` });
    find.addEventListener("input", () => {
      for (const row of list.children) row.hidden = !row.textContent.toLowerCase().includes(find.value.toLowerCase());
    });
    made.append(find);
  }
  made.append(list);
  return made;
}
