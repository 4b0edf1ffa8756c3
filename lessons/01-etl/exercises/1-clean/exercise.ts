import { defineExercise } from "taller/author";

const leads = { dataset: "leads", rows: 40, seed: 7, sql: "input.sql" };

export default defineExercise({
  kind: "sql",
  version: 1,
  files: ["clean.sql"],
  // The visible forty rows have no null written as a word in a text column: only hidden data has.
  inputs: { leads },
  hidden: [
    { seed: 101, rows: 2_000 },
    { seed: 202, rows: 2_000 },
  ],
  edges: ["empty", "one-row", { edge: "all-null", keep: ["lead_id"] }],
  checks: [
    { kind: "schema", id: "schema" },
    { kind: "rows", id: "ids", key: ["lead_id"], keysOnly: true },
    { kind: "rows", id: "texts", key: ["lead_id"], columns: ["source", "country"] },
    { kind: "rows", id: "dates", key: ["lead_id"], columns: ["created"] },
    { kind: "rows", id: "budget", key: ["lead_id"], columns: ["budget"] },
    { kind: "rows", id: "days", key: ["lead_id"], columns: ["days_since_contact"] },
    { kind: "rows", id: "label", key: ["lead_id"], columns: ["converted"] },
  ],
  starterFails: "schema",
  wrong: {
    "lost-zeros": "schema",
    "null-text-kept": "texts",
    "month-first": "dates",
    "thousands-lost": "budget",
    "null-to-zero": "days",
    "label-filled": "label",
  },
});
