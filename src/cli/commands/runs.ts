import type { CommandInput } from "../command-table.ts";
import type { CliContext } from "../context.ts";
import { chartMetric } from "../runs/chart.ts";
import { compareRuns } from "../runs/compare.ts";
import { listRuns } from "../runs/list.ts";
import { openTrackingSession } from "../runs/tracking-session.ts";
import { runTexts } from "../texts/runs.ts";
import { textOption } from "./options.ts";

/**
 * `taller runs [experiment]`, `taller runs compare RUN RUN`, `taller runs chart METRIC`. An experiment that is called
 * like an action is named by `--experiment`.
 */
export async function run(context: CliContext, input: CommandInput): Promise<number> {
  const [first, ...rest] = input.args;
  const action = first === "compare" || first === "chart" ? first : "list";
  const experiment = textOption(input, "experiment") ?? (action === "list" ? first : undefined);
  context.busy(runTexts.looking);
  const session = await openTrackingSession(context, experiment);
  if (session === undefined) {
    context.idle();
    if (context.isJson) context.result({ uri: null, runs: [], isComplete: true });
    context.print(runTexts.none[context.lang]);
    return 0;
  }
  try {
    switch (action) {
      case "compare":
        return await compareRuns(context, session, rest);
      case "chart":
        return await chartMetric(context, session, { ...input, metric: rest[0] });
      case "list":
        return await listRuns(context, session, input);
    }
  } finally {
    context.idle();
    session.close();
  }
}
