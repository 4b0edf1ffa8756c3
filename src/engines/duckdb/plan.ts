import type { PlanSummary, QueryOptions } from "../engine.ts";
import type { Session } from "./session.ts";

export async function explainQuery(
  _session: Session,
  _sql: string,
  _options: QueryOptions & { readonly run?: boolean },
): Promise<PlanSummary> {
  throw new Error("explain: not yet");
}
