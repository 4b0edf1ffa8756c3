import { startPostgres } from "../../../../src/services/postgres/embedded/server.ts";

/** A PostgreSQL in a process of its own: says its address. */
const [folder = ""] = process.argv.slice(2);
const server = await startPostgres({ folder, port: 0 });
console.log(server.url);
