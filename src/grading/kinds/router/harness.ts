import http from "node:http";
import express from "express";
import * as taller from "../../../index.ts";
import { openChannel } from "../harness/channel.ts";
import { closeDoors, closePipes, type OnRefused } from "../harness/close-doors.ts";
import { importBundle } from "../harness/import-bundle.ts";
import { assertPlainData } from "../harness/plain-data.ts";
import { printAtOnce } from "../harness/print-at-once.ts";
import { ProblemError, rawProblemOf } from "../harness/raw-problem.ts";
import { reportCrashes, serve } from "../harness/serve.ts";
import { setWorld } from "../harness/world.ts";
import type { BundleInit } from "../ts/protocol.ts";
import { inject } from "./inject.ts";
import type { RouterHarnessRequest } from "./protocol.ts";

// The sandbox of kind `router`: mounts the submission's Express router in an app that listens nowhere.
printAtOnce();
const onRefused: OnRefused = (error) => channel.send({ kind: "refused", problem: rawProblemOf(error) });
closeDoors(onRefused);
const channel = openChannel();
setWorld(channel.begin.clockMs, channel.begin.seed);
reportCrashes(channel);
channel.send({ kind: "booted" });

let server: http.Server | undefined;

closePipes(
  serve(channel, answer, (value) => assertPlainData(value, "response")),
  onRefused,
);

async function answer(body: unknown): Promise<unknown> {
  const asked = body as RouterHarnessRequest;
  if (asked.kind === "load") {
    server = http.createServer(appWith(await loadRouter()));
    return undefined;
  }
  if (server === undefined) throw new Error("the router is not loaded");
  return inject(server, asked.request);
}

/** The default export, or the one named `router`. */
async function loadRouter(): Promise<express.Router> {
  const exported = await importBundle((channel.begin.init as BundleInit).bundleUrl, { taller, express });
  const router = exported.default ?? exported.router;
  if (typeof router !== "function") {
    throw new ProblemError({ kind: "missing-export", name: "default", found: Object.keys(exported) });
  }
  return router as express.Router;
}

function appWith(router: express.Router): express.Express {
  const app = express();
  // An exception in a route is answered without its stack, and said on stderr.
  app.set("env", "production");
  app.use((_request, response, next) => {
    // The real clock is none of the submission's.
    response.sendDate = false;
    next();
  });
  app.use(router);
  return app;
}
