import { openServices } from "../../../../src/services/set/open-services.ts";

// open.ts WORKSPACE HOST_PROGRAM GRACE_MS: opens S3, says where it is, and stays until it is killed or told to leave.
const [workspace = "", hostProgram = "", graceMs = "0"] = process.argv.slice(2);
const services = await openServices({
  workspace,
  names: ["s3"],
  env: process.env,
  hostProgram,
  graceMs: Number(graceMs),
});
console.log(JSON.stringify(services.addresses.s3));
setInterval(() => {}, 1_000);
