import { formatNumber } from "../../core/numbers.ts";
import type { PlanSummary } from "../../engines/engine.ts";
import { lessonTexts } from "../texts/lesson.ts";
import { cutTo, oneLine } from "../ui/safe-text.ts";
import type { Look } from "../ui/terminal.ts";

const mostOperators = 24;

/** The plan's operators as a tree, and what it read. */
export function drawPlan(plan: PlanSummary, look: Look): string[] {
  const { lang } = look;
  const number = (value: number) => formatNumber(value, lang);
  const operators = plan.operators.slice(0, mostOperators).map((operator) => {
    const rows = operator.rows === undefined ? "" : `  ${number(operator.rows)}`;
    const detail = oneLine(operator.detail);
    const head = `${"  ".repeat(operator.depth)}${operator.name}${rows}`;
    const room = look.columns - head.length - 2;
    return room < 8 || detail === ""
      ? cutTo(head, look.columns, look.isUnicode)
      : `${head}  ${look.colors.dim(cutTo(detail, room, look.isUnicode))}`;
  });
  const more = plan.operators.length > mostOperators ? ["…"] : [];
  const facts = [lessonTexts.plan.files[lang](number(plan.filesRead), number(plan.filesTotal))];
  if (plan.rowGroupsRead !== undefined && plan.rowGroupsTotal !== undefined)
    facts.push(lessonTexts.plan.rowGroups[lang](number(plan.rowGroupsRead), number(plan.rowGroupsTotal)));
  if (plan.rowsScanned !== undefined) facts.push(lessonTexts.plan.rows[lang](number(plan.rowsScanned)));
  facts.push(lessonTexts.plan.shuffles[lang](number(plan.shuffles)));
  return [...operators, ...more, "", ...facts];
}
