import { startObjectStore } from "../../../../src/services/object-store/embedded/server.ts";

/** An object store in a process of its own: says its address, and its memory when it ends. */
const [folder = "", port = "0"] = process.argv.slice(2);
const store = await startObjectStore({
  folder,
  port: Number(port),
  accessKeyId: "taller",
  secretAccessKey: "a secret/with+signs=",
});
console.log(store.endpoint);
process.on("SIGTERM", async () => {
  await store.close();
  console.log(String(process.resourceUsage().maxRSS * 1024));
});
