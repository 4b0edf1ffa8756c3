import { createServer } from "node:http";
import { join } from "node:path";
import { type Clock, systemClock } from "../../../core/effects.ts";
import { lockFolder } from "../../folder-lock.ts";
import { listen } from "../../listen.ts";
import { answerRequest } from "./answer.ts";
import { defaultExperiment } from "./calls/experiments.ts";
import { openArtifactStore } from "./store/artifacts.ts";
import { openCatalogue } from "./store/catalogue.ts";
import { openMetricStore } from "./store/metrics.ts";

export interface TrackingServer {
  /** What `mlflow.set_tracking_uri` takes. */
  readonly uri: string;
  readonly port: number;
  /** Ends once what is acknowledged is on the disk; open connections are closed. */
  close(): Promise<void>;
}

export interface TrackingServerOptions {
  /** Where everything is kept; made if missing. One server at a time serves it. */
  readonly folder: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * A tracking server that answers MLflow's REST API as MLflow 3.17's own does, over a folder: experiments, runs, metrics,
 * artifacts, logged models and the model registry. An answer means that the change is on the disk (fsync), so a kill at
 * any instant loses nothing that was acknowledged. Only requests for loopback names are answered.
 *
 * `folder` holds `catalogue.log` (a log of all but metrics and files, also kept in memory: 1 kB a run),
 * `metrics/<id>` (28 bytes a point) and `artifacts/files/…` as the clients named them.
 *
 * Throws UserErrors: `folder-in-use`, `port-in-use`, `port-refused`, `tracking-damaged`, and what a disk has.
 */
export async function startTracking(options: TrackingServerOptions): Promise<TrackingServer> {
  const { folder, port, host = "127.0.0.1", clock = systemClock } = options;
  const lock = await lockFolder(folder, "tracking");
  try {
    const catalogue = await openCatalogue(join(folder, "catalogue.log"));
    const stores = {
      catalogue,
      metrics: openMetricStore(join(folder, "metrics")),
      artifacts: await openArtifactStore(join(folder, "artifacts")),
      clock,
    };
    await catalogue.change((state) => ({
      events: state.experiments.has("0")
        ? []
        : [{ kind: "experiment", experiment: defaultExperiment(clock.now()) }],
      result: () => undefined,
    }));

    const underWay = new Set<Promise<void>>();
    const server = createServer((request, response) => {
      // It answers its own failures; what is left must end a connection, not the server.
      const answered = answerRequest(stores, request, response).catch(() => {
        response.destroy();
      });
      underWay.add(answered);
      void answered.finally(() => underWay.delete(answered));
    });
    // A large artifact may come slowly, and Python's client keeps its connections for later.
    server.requestTimeout = 0;
    server.keepAliveTimeout = 65_000;
    const bound = await listen(server, { host, port, service: "tracking" }).catch(async (error: unknown) => {
      await catalogue.close();
      throw error;
    });
    return {
      uri: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
      port: bound,
      close: async () => {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        server.closeAllConnections();
        await closed;
        await Promise.allSettled(underWay);
        await catalogue.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
