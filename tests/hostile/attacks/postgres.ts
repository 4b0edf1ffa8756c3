import type { Attack } from "../attack.ts";

const benign = "CREATE VIEW best AS SELECT max(x) AS answer FROM numbers;\nSELECT answer FROM best";

/** Few, because each starts a PostgreSQL: files are those of PGlite's own memory, whatever is asked. */
export const postgres: readonly Attack[] = [
  {
    name: "a program of the machine",
    attack: `DO $$ BEGIN EXECUTE 'COPY numbers TO PROGRAM ''touch {outside}/new'''; END $$;
      SELECT max(x) AS answer FROM numbers`,
    benign,
    expected: { kind: "refused" },
  },
  {
    name: "memory",
    attack: "SELECT length(string_agg(repeat('x', 1000000), ',')) AS answer FROM generate_series(1, 5000)",
    benign,
    expected: {},
    limits: { memoryMb: 64 },
  },
];
