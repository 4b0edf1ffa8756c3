import http from "node:http";
import express from "express";
import { enterSandbox } from "../harness/enter-sandbox.ts";
import { learnerDoor } from "../harness/learner-door.ts";
import { loadBundle } from "../harness/load-bundle.ts";
import { ProblemError } from "../harness/raw-problem.ts";
import type { BundleInit } from "../ts/protocol.ts";
import { inject } from "./inject.ts";
import type { RouterHarnessRequest } from "./protocol.ts";

// The sandbox of kind `router`: mounts the submission's Express router in an app that listens nowhere.
const sandbox = enterSandbox();
let server: http.Server | undefined;

sandbox.serve(async (body) => {
  const asked = body as RouterHarnessRequest;
  if (asked.kind === "load") {
    server = http.createServer(appWith(await loadRouter()));
    return undefined;
  }
  if (server === undefined) throw new Error("the router is not loaded");
  return inject(server, asked.request);
});

/** The default export, or the one named `router`. */
async function loadRouter(): Promise<express.Router> {
  const exported = await loadBundle(
    sandbox.init as BundleInit,
    { taller: learnerDoor(), express },
    sandbox.guarded,
  );
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
