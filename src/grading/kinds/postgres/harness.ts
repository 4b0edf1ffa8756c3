import { openChannel } from "../harness/channel.ts";
import { serveSessions } from "../sql/serve-sessions.ts";
import { openPostgres, warmUp } from "./postgres-database.ts";

// The sandbox of kind `sql` on PostgreSQL: PGlite, which is PostgreSQL in WebAssembly on files in memory. No
// JavaScript of the learner's runs here. The first database is there before the first frame is waited for.
async function main(): Promise<void> {
  await warmUp();
  serveSessions(openChannel(), openPostgres);
}

void main();
