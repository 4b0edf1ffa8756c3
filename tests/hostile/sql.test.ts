import { sql } from "./attacks/sql.ts";
import { describeContainment } from "./containment.ts";
import { sqlArena } from "./sql-arena.ts";

describeContainment("kind sql on duckdb", sqlArena, sql);
