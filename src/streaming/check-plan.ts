import type { Text } from "../core/text.ts";
import { attributeNamed, eventTimesOf } from "./attribute.ts";
import { attributesOf, inputsOf, nodesOf, type Plan, type PlanOf, windowOnOtherType } from "./plan.ts";
import { StreamingRefusal } from "./refusal.ts";

export type OutputMode = "append" | "update" | "complete";

/**
 * Refuses, before anything runs, what Spark refuses when a query is started: rule 11. The checks look at the
 * plan as it was written, not as it is optimised. [UnsupportedOperationChecker.scala]
 */
export function checkPlan(plan: Plan, mode: OutputMode): void {
  checkMode(plan, mode);
  for (const node of nodesOf(plan).reverse()) checkNode(node, mode);
  checkChain(plan, mode);
}

type Grouped = PlanOf<"aggregate"> | PlanOf<"distinct">;

function checkMode(plan: Plan, mode: OutputMode): void {
  const last = nodesOf(plan).find((node): node is Grouped => isGrouped(node));
  if (mode === "complete" && last === undefined) {
    throw modeRefused("complete-without-aggregation", {
      es: "El modo complete muestra el resultado entero de una agregación, y aquí no hay ninguna.",
      en: "Mode complete shows the whole result of an aggregation, and there is none here.",
    });
  }
  if (last === undefined) return;
  const keys =
    last.kind === "aggregate" ? attributesOf(last).slice(0, last.keys.length) : attributesOf(last.input);
  if (mode === "append" && eventTimesOf(keys).length === 0) {
    throw modeRefused("append-without-watermark", {
      es: "En modo append un grupo sale una vez, cuando ya no puede cambiar: agrupa por la ventana o el tiempo de una corriente con watermark, o usa update.",
      en: "In append a group is shown once, when it can no longer change: group by the window or the time of a stream with a watermark, or use update.",
    });
  }
  if (mode === "update" && keys.some((key) => key.isSession)) {
    throw modeRefused("session-in-update", {
      es: "Las ventanas de sesión no tienen modo update: una sesión que crece cambia de inicio y fin. Usa append.",
      en: "Session windows have no update mode: a session that grows changes its start and end. Use append.",
    });
  }
}

function checkNode(node: Plan, mode: OutputMode): void {
  switch (node.kind) {
    case "aggregate":
      if (node.aggregates.some((aggregate) => aggregate.isDistinct)) {
        throw unsupported("count-distinct", {
          es: "count(DISTINCT) necesita recordar todos los valores: quita duplicados antes, con dropDuplicates.",
          en: "count(DISTINCT) must remember every value: drop duplicates first, with dropDuplicates.",
        });
      }
      for (const key of node.keys) {
        const type = attributeNamed(attributesOf(node.input), key.column).type.kind;
        if (key.kind !== "column" && type === "string") throw windowOnOtherType(key.column, "start");
      }
      return;
    case "sort":
      if (mode !== "complete" || !nodesOf(node).some(isGrouped)) {
        throw unsupported("sort-of-a-stream", {
          es: "Una corriente no acaba, así que no se puede ordenar: solo el resultado de una agregación en modo complete.",
          en: "A stream does not end, so it can't be sorted: only the result of an aggregation in mode complete.",
        });
      }
      return;
    case "limit":
      if (mode === "update") {
        throw unsupported("limit-in-update", {
          es: "limit no tiene sentido en modo update: una fila que cambia contaría otra vez. Usa append o complete.",
          en: "limit makes no sense in update: a row that changes would count again. Use append or complete.",
        });
      }
      return;
    case "deduplicate":
      if (node.isWithinWatermark && eventTimesOf(attributesOf(node.input)).length === 0) {
        throw unsupported("dedup-within-no-watermark", {
          es: "dropDuplicatesWithinWatermark necesita un watermark: su retraso dice cuánto recordar cada clave.",
          en: "dropDuplicatesWithinWatermark needs a watermark: its delay says how long to remember a key.",
        });
      }
      return;
    case "join":
      checkJoin(node, mode);
      return;
    case "join-static":
      if (node.type === "right" || node.type === "full") {
        throw unsupported("static-side-kept", {
          es: `Una unión ${node.type} mostraría las filas de la tabla que no casan con nada, y en una corriente aún puede llegar su pareja: usa inner o left.`,
          en: `A ${node.type} join would show the table's rows that match nothing, and on a stream their match may still come: use inner or left.`,
        });
      }
      return;
    default:
      return;
  }
}

function checkJoin(join: PlanOf<"join">, mode: OutputMode): void {
  if (mode === "complete") {
    throw unsupported("join-in-complete", {
      es: "Una unión entre corrientes no existe en modo complete: no guarda lo que ya ha mostrado.",
      en: "A join of streams does not exist in mode complete: it does not keep what it has shown.",
    });
  }
  if (join.type === "inner") return;
  if (mode === "update") {
    throw unsupported("outer-join-not-in-append", {
      es: `Una unión ${join.type} entre corrientes solo existe en append: una fila sin pareja sale cuando ya no puede tenerla.`,
      en: `A ${join.type} join of streams exists in append only: a row without a match is shown when it can no longer have one.`,
    });
  }
  const left = attributesOf(join.left);
  const right = attributesOf(join.right);
  const isTimed = (attributes: typeof left, name: string): boolean =>
    attributes.some((one) => one.name.toLowerCase() === name.toLowerCase() && one.delayMs !== undefined);
  if (join.on.some((on) => isTimed(left, on.left) || isTimed(right, on.right))) return;
  const { within } = join;
  // A stored left row is bounded by the right side's watermark and `right ≤ left + max`; and the other way round.
  const isLeftBounded = within?.maxUs !== undefined && isTimed(right, within.right);
  const isRightBounded = within?.minUs !== undefined && isTimed(left, within.left);
  const isBounded =
    join.type === "left"
      ? isLeftBounded
      : join.type === "right"
        ? isRightBounded
        : isLeftBounded || isRightBounded;
  if (isBounded) return;
  throw unsupported("outer-join-without-bound", {
    es: `Una unión ${join.type} espera a la pareja hasta que el tiempo lo impide: falta un límite de tiempo entre los dos lados y un watermark en el lado que puede quedar vacío.`,
    en: `A ${join.type} join waits for a match until time rules it out: it needs a time bound between both sides and a watermark on the side that may stay empty.`,
  });
}

/** An aggregation that shows a group more than once can't feed another stateful operator. */
function checkChain(plan: Plan, mode: OutputMode): void {
  if (mode === "append") return;
  for (const node of nodesOf(plan)) {
    if (!isStateful(node)) continue;
    if (inputsOf(node).flatMap(nodesOf).some(isGrouped)) {
      throw unsupported("aggregation-before-stateful", {
        es: `En modo ${mode} una agregación muestra un grupo varias veces, y la operación siguiente lo contaría otra vez: solo append permite encadenarlas.`,
        en: `In mode ${mode} an aggregation shows a group several times, and the next operation would count it again: only append lets you chain them.`,
      });
    }
  }
}

function isGrouped(node: Plan): node is Grouped {
  return node.kind === "aggregate" || node.kind === "distinct";
}

/** De-duplication counts here only with the event time among its columns, as in Spark. */
function isStateful(node: Plan): boolean {
  if (isGrouped(node) || node.kind === "join") return true;
  if (node.kind !== "deduplicate") return false;
  if (node.isWithinWatermark) return true;
  const input = attributesOf(node.input);
  const columns = node.columns.map((name) => name.toLowerCase());
  return eventTimesOf(input).some(
    (time) => columns.length === 0 || columns.includes(time.name.toLowerCase()),
  );
}

function modeRefused(code: string, what: Text): StreamingRefusal {
  return new StreamingRefusal({
    stage: "start",
    condition: "STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION",
    rule: 11,
    code,
    what,
  });
}

function unsupported(code: string, what: Text): StreamingRefusal {
  return new StreamingRefusal({ stage: "start", condition: "_LEGACY_ERROR_TEMP_3102", rule: 11, code, what });
}
