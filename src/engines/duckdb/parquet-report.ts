import type { ParquetReport, RunOptions } from "../engine.ts";
import type { Session } from "./session.ts";

export async function reportParquet(
  _session: Session,
  _path: string,
  _options: RunOptions,
): Promise<ParquetReport> {
  throw new Error("describeParquet: not yet");
}
