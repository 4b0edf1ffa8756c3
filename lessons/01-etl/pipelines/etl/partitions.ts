import { UserError, verbatim } from "taller/author";
import type { EtlRun } from "./run.ts";

/** The partition columns of a run: what the command line says, else what suits the data. Throws for a column that is not there. */
export async function checkPartitions(run: EtlRun): Promise<readonly string[]> {
  const wanted = wantedPartitions(run);
  const fields = await run.engine.describe("SELECT * FROM newest", run.quiet);
  return wanted.map((name) => {
    const field = fields.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (field !== undefined) return field.name;
    throw new UserError({
      fault: "usage",
      code: "no-such-column",
      what: {
        es: `La tabla no tiene la columna «${name}».`,
        en: `The table has no column "${name}".`,
      },
      where: "--partition-by",
      next: [verbatim(fields.map((one) => one.name).join(", "))],
    });
  });
}

/** As they were asked for; not checked yet. */
export function wantedPartitions({ options, job }: EtlRun): readonly string[] {
  if (options.partitionBy === undefined) return job.partitionBy;
  if (options.partitionBy.trim().toLowerCase() === "none") return [];
  return options.partitionBy
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
