import type { Arena } from "./containment.ts";
import { sqlArena } from "./sql-arena.ts";

/** As kind `sql` on DuckDB, on PostgreSQL. */
export const postgresArena: Arena = {
  ...sqlArena,
  spec: (attack, target) => {
    const spec = sqlArena.spec(attack, target);
    return spec.kind === "sql" ? { ...spec, engine: "postgres" } : spec;
  },
};
