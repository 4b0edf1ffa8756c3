import { openPostgres } from "../../../../src/services/postgres/client.ts";
import { openServices } from "../../../../src/services/set/open-services.ts";

// count-in-postgres.ts WORKSPACE HOST_PROGRAM TIMES: adds one to a number in the set's PostgreSQL, so many times.
const [workspace = "", hostProgram = "", times = "0"] = process.argv.slice(2);
const services = await openServices({
  workspace,
  names: ["postgres"],
  env: process.env,
  hostProgram,
  graceMs: 100,
});
const db = await openPostgres(services.addresses.postgres);
await db.query("CREATE TABLE IF NOT EXISTS counter (id int PRIMARY KEY, n int NOT NULL)");
await db.query("INSERT INTO counter VALUES (1, 0) ON CONFLICT DO NOTHING");
for (let i = 0; i < Number(times); i++) {
  await db.transaction(async (tx) => {
    const { rows } = await tx.query<{ n: number }>("SELECT n FROM counter WHERE id = 1 FOR UPDATE");
    await tx.query("UPDATE counter SET n = $1 WHERE id = 1", [(rows[0]?.n ?? 0) + 1]);
  });
}
console.log(services.addresses.postgres.url);
await db.close();
services.close();
