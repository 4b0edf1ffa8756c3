import { seededRandom } from "../../src/core/random.ts";
import type { Table } from "../../src/core/table.ts";
import { fieldsOf, tableFromRows } from "../../src/core/table-build.ts";

const CITIES = ["Lima", "Quito", "O'Higgins", "C\\D", "Bogotá"];

/** Leads with nulls, NaN and categories, and a label that depends on them. The same rows for a seed. */
export function leads(rowCount: number, seed: number): Table {
  const random = seededRandom(seed);
  const fields = fieldsOf({
    id: { kind: "int32" },
    age: { kind: "float64" },
    visits: { kind: "int32" },
    city: { kind: "string" },
    bought: { kind: "boolean" },
  });
  const rows = Array.from({ length: rowCount }, (_, id) => {
    const age = random.chance(0.1) ? null : random.chance(0.05) ? Number.NaN : 40 + 12 * random.normal();
    const visits = random.chance(0.1) ? null : random.below(30);
    const city = random.chance(0.1) ? null : random.pick(CITIES);
    const z = (visits ?? 5) / 6 - 2 + (city === "Lima" ? 1.5 : 0) + (age === null ? -1 : 0);
    return { id, age, visits, city, bought: random.chance(1 / (1 + Math.exp(-z))) };
  });
  return tableFromRows(fields, rows);
}

/** Rows that no fit has seen: an unknown city, everything null, NaN, extremes. */
export function oddLeads(): Table {
  const fields = leads(0, 1).fields;
  return tableFromRows(fields, [
    { id: 1, age: 41.5, visits: 3, city: "Cusco", bought: false },
    { id: 2, age: null, visits: null, city: null, bought: false },
    { id: 3, age: Number.NaN, visits: 0, city: "O'Higgins", bought: false },
    { id: 4, age: 1e300, visits: 2147483647, city: "C\\D", bought: false },
    { id: 5, age: -1e-300, visits: -5, city: "", bought: false },
  ]);
}
