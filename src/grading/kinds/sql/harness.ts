import { openChannel } from "../harness/channel.ts";
import { openDuckDb } from "./duckdb-database.ts";
import { serveSessions } from "./serve-sessions.ts";

// The sandbox of kind `sql` on DuckDB; no JavaScript of the learner's runs here. DuckDB is loaded by now, so
// a process that was started ahead has those 170 ms behind it.
serveSessions(openChannel(), openDuckDb);
