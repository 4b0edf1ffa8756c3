import { postgres } from "./attacks/postgres.ts";
import { describeContainment } from "./containment.ts";
import { postgresArena } from "./postgres-arena.ts";

describeContainment("kind sql on postgres", postgresArena, postgres);
