import type { BenchOptions, BenchRow } from "./bench-row.ts";
import { run as runKafka } from "./services-kafka.ts";
import { run as runS3 } from "./services-s3.ts";

/** The included services beside the real ones: `services-kafka` and `services-s3`, one after the other. */
export async function run(options: BenchOptions): Promise<BenchRow[]> {
  return [...(await runKafka(options)), ...(await runS3(options))];
}
