import { startKafka } from "../../../../src/services/kafka/embedded/server.ts";

// A broker as a process: `node broker.mjs FOLDER PORT [FLUSH]`. Says its address, ends by SIGTERM.
const [folder = "", port = "0", flush = "os"] = process.argv.slice(2);
const server = await startKafka({
  folder,
  port: Number(port),
  flush: flush === "os" || flush === "each" ? flush : { everyMs: Number(flush) },
  onEvent: (event) =>
    console.error(JSON.stringify(event, (_, value) => (value instanceof Error ? value.stack : value))),
});
console.log(server.brokers);
process.once("SIGTERM", () => void server.close());
