#!/usr/bin/env node
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `taller necesita Node 20.19 o posterior; este es ${process.versions.node}.\n` +
      `taller needs Node 20.19 or later; this is ${process.versions.node}.\n  https://nodejs.org`,
  );
  process.exit(3);
}
try {
  const { main } = await import("../dist/src/cli/main.js");
  await main(process.argv.slice(2));
} catch (error) {
  if (error?.code !== "ERR_MODULE_NOT_FOUND" || !String(error.message).includes("main.js")) throw error;
  console.error("Falta compilar / not built yet:\n  npm run build");
  process.exit(3);
}
