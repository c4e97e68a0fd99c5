import assert from "node:assert/strict";
import { test } from "node:test";

import { suggestions } from "../../../../provlog/writers/explorer/page/search.js";

const entries = [["dl1.fits", 1], ["a dl1", 2], ["dl1", 3], ["dl1 role", 1]].map(([text, item]) => ({ text, lower: text, why: "label", item }));

test("whole texts come first, then beginnings, then the rest, each item once", () => {
  assert.deepEqual(suggestions(entries, " DL1 ").map(({ item }) => item), [3, 1, 2]);
});

test("nothing is suggested for nothing", () => {
  assert.deepEqual(suggestions(entries, "  "), []);
});
