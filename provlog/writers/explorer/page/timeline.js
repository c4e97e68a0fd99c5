// The timeline: activities as bars in lanes of their session; brushing selects a period.

const BAR = 9;
const GAP = 3;
const TOP = 26;
const LEFT = 132;
const RIGHT = 14;
const MOST_HEIGHT = 230;
const STEPS = [1, 5, 10, 50, 100, 500, 1e3, 2e3, 5e3, 1e4, 3e4, 6e4, 3e5, 6e5, 18e5, 36e5, 108e5, 432e5, 864e5, 6048e5, 26784e5, 316224e5];

export class Timeline {
  constructor(footer, graph, changed, picked) {
    this.graph = graph;
    this.canvas = footer.querySelector("canvas");
    this.label = footer.querySelector("#period-text");
    this.changed = changed;
    this.bars = this.arranged();
    this.brush = null;
    this.lit = null;
    this.period = [null, null];
    const at = (event) => event.offsetX;
    this.canvas.addEventListener("pointerdown", (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.brush = [at(event), at(event)];
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (this.brush) {
        this.brush[1] = at(event);
        this.draw();
      } else {
        const bar = this.barAt(event.offsetX, event.offsetY);
        this.canvas.title = bar ? graph.items[bar.item].lines.join("\n") : "";
        this.canvas.style.cursor = bar ? "pointer" : "crosshair";
      }
    });
    this.canvas.addEventListener("pointerup", (event) => {
      const [from, to] = (this.brush ?? [0, 0]).toSorted((a, b) => a - b);
      this.brush = null;
      const bar = this.barAt(event.offsetX, event.offsetY);
      if (to - from > 4) changed(this.timeAt(from), this.timeAt(to));
      else if (bar) picked(bar.item);
      else this.draw();
    });
    new ResizeObserver(() => this.draw()).observe(footer);
  }

  /** Return the bars with their rows: within a session, each goes to the first free row. */
  arranged() {
    const { item, session, start, end } = this.graph.activities;
    const rows = [...item.keys()].filter((row) => (start[row] ?? end[row]) !== null);
    const time = (row) => start[row] ?? end[row];
    rows.sort((a, b) => time(a) - time(b));
    const lanes = new Map();
    for (const row of rows) {
      if (!lanes.has(session[row])) lanes.set(session[row], []);
      lanes.get(session[row]).push(row);
    }
    this.from = rows.length ? time(rows[0]) : 0;
    this.to = rows.reduce((latest, row) => Math.max(latest, end[row] ?? time(row)), this.from);
    if (this.to === this.from) this.to = this.from + 1000;
    const bars = [];
    this.lanes = [];
    const least = (this.to - this.from) / 300;
    let first = 0;
    // Sessions that follow each other share a lane.
    const shared = lanes.size > 12;
    const ends = [];
    for (const [lane, own] of lanes) {
      if (!shared) ends.length = 0;
      for (const row of own) {
        const last = Math.max(end[row] ?? time(row), time(row) + least);
        let level = ends.findIndex((busy) => busy <= time(row));
        if (level < 0) level = ends.push(0) - 1;
        ends[level] = last;
        bars.push({ row, item: item[row], level: first + level, start: time(row), end: end[row] ?? time(row) });
      }
      if (shared) continue;
      this.lanes.push({ title: this.graph.titles.get(lane) ?? "no session", first, count: ends.length });
      first += ends.length;
    }
    if (shared) this.lanes.push({ title: `${lanes.size} sessions`, first: 0, count: ends.length });
    this.levels = shared ? ends.length : first;
    return bars;
  }

  x(time) {
    return LEFT + ((time - this.from) / (this.to - this.from)) * (this.width - LEFT - RIGHT);
  }

  timeAt(x) {
    const part = (x - LEFT) / (this.width - LEFT - RIGHT);
    return this.from + Math.min(1, Math.max(0, part)) * (this.to - this.from);
  }

  barAt(x, y) {
    const level = Math.floor((y - TOP) / this.step);
    return this.bars.find(
      (bar) => bar.level === level && x >= this.x(bar.start) - 1 && x <= Math.max(this.x(bar.end), this.x(bar.start) + 3) + 1,
    );
  }

  draw() {
    const { canvas } = this;
    this.width = canvas.parentElement.clientWidth;
    if (!this.width) return;
    this.step = Math.max(3, Math.min(BAR + GAP, (MOST_HEIGHT - TOP) / Math.max(1, this.levels)));
    const height = TOP + Math.max(2, this.levels) * this.step + 8;
    const sharp = window.devicePixelRatio || 1;
    canvas.width = this.width * sharp;
    canvas.height = height * sharp;
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    pen.scale(sharp, sharp);
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    pen.font = "11px system-ui, 'Liberation Sans', sans-serif";
    const [since, until] = this.period;
    this.label.textContent =
      since === null && until === null ? "Drag to select a period" : `${clock(since ?? this.from)} to ${clock(until ?? this.to)}`;
    this.axis(pen, height, colour);
    this.lanes.forEach((lane, number) => {
      const y = TOP + lane.first * this.step;
      pen.fillStyle = colour("line");
      if (number) pen.fillRect(0, y - 2, this.width, 1);
      pen.fillStyle = colour("quiet");
      if (lane.count * this.step > 8) pen.fillText(cut(pen, lane.title, LEFT - 16), 10, y + 9);
    });
    for (const bar of this.bars) {
      const isOut = (since !== null && bar.end < since) || (until !== null && bar.start > until);
      const isDim = isOut || (this.lit && !this.lit.has(bar.item));
      pen.globalAlpha = isDim ? 0.25 : 1;
      pen.fillStyle = this.graph.items[bar.item].failed ? colour("failed") : colour("activity-line");
      const x = this.x(bar.start);
      pen.fillRect(x, TOP + bar.level * this.step, Math.max(2, this.x(bar.end) - x), Math.max(2, this.step - GAP));
    }
    pen.globalAlpha = 1;
    const brush = this.brush ?? (since !== null || until !== null ? [this.x(since ?? this.from), this.x(until ?? this.to)] : null);
    if (brush) {
      pen.fillStyle = colour("accent");
      pen.globalAlpha = 0.14;
      pen.fillRect(Math.min(...brush), 0, Math.abs(brush[1] - brush[0]), height);
      pen.globalAlpha = 1;
    }
  }

  axis(pen, height, colour) {
    const span = this.to - this.from;
    const free = this.width - this.label.parentElement.offsetWidth - 90;
    const step = STEPS.find((each) => span / each <= Math.max(2, (this.width - LEFT) / 130)) ?? STEPS.at(-1);
    for (let time = Math.ceil(this.from / step) * step; time <= this.to; time += step) {
      const x = this.x(time);
      pen.fillStyle = colour("line");
      pen.fillRect(x, 18, 1, height);
      pen.fillStyle = colour("quiet");
      const text = new Date(time).toISOString();
      if (x < free) pen.fillText(step >= 864e5 ? text.slice(0, 10) : step >= 6e4 ? text.slice(5, 16).replace("T", " ") : text.slice(11, step >= 1000 ? 19 : 23), x + 3, 13);
    }
  }
}

function cut(pen, text, width) {
  let shown = text;
  while (shown.length > 3 && pen.measureText(shown).width > width) shown = `${shown.slice(0, -2).trimEnd()}…`;
  return shown;
}

const clock = (time) => new Date(time).toISOString().slice(0, 19).replace("T", " ");
