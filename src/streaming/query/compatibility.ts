import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { systemCode } from "../../core/errors.ts";
import type { Text } from "../../core/text.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { unreadable } from "../checkpoint/metadata-log.ts";
import type { StatefulOperator } from "../operators/operator.ts";
import { nodesOf, type Plan } from "../plan.ts";
import { StreamingRefusal } from "../refusal.ts";

/** More operators than a query can have: where the search for operators of an earlier run ends. */
const MOST_OPERATORS = 64;

const metadataSchema = z.object({
  operatorInfo: z.object({ operatorId: z.number(), operatorName: z.string() }),
});
const schemaSchema = z.object({ key: z.array(z.string()), value: z.array(z.string()) });

/** Writes what a restart will compare, with the first batch: each operator's name and the types of its state. */
export async function writeOperators(
  checkpoint: Checkpoint,
  operators: readonly StatefulOperator[],
): Promise<void> {
  for (const [operatorId, { schema, stores }] of operators.entries()) {
    const folder = checkpoint.stateFolder(operatorId);
    const metadata = {
      operatorInfo: { operatorId, operatorName: schema.operator },
      stateStoreInfo: stores.map(({ name }) => ({ storeName: name, numPartitions: 1 })),
    };
    await writeFileAtomic(join(folder, "_metadata", "metadata"), `v1\n${JSON.stringify(metadata)}`);
    const types = { key: schema.key, value: schema.value };
    await writeFileAtomic(join(folder, "0", "_metadata", "schema"), `v1\n${JSON.stringify(types)}`);
  }
}

/**
 * Refuses a restart whose stateful operators are not those of the checkpoint: rule 15. The n-th operator has the
 * n-th state; stateless ones may come and go. Types are compared and names are not, as in Spark.
 */
export async function checkOperators(
  checkpoint: Checkpoint,
  operators: readonly StatefulOperator[],
): Promise<void> {
  const before: string[] = [];
  for (let id = 0; id < MOST_OPERATORS; id++) {
    const path = join(checkpoint.stateFolder(id), "_metadata", "metadata");
    const metadata = await readLine(path, metadataSchema);
    if (metadata === undefined) break;
    before.push(metadata.operatorInfo.operatorName);
  }
  const now = operators.map((operator) => operator.schema.operator);
  if (before.length === 0 && now.length > 0) {
    throw incompatible("STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY", "new-state", {
      es: `El checkpoint no tiene estado, y la consulta necesita el de [${now.join(", ")}]: lo leído antes faltaría en él.`,
      en: `The checkpoint has no state, and the query needs that of [${now.join(", ")}]: what was read before would be missing in it.`,
    });
  }
  if (before.join() !== now.join()) {
    throw incompatible("STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA", "other-operators", {
      es: `El checkpoint tiene el estado de [${before.join(", ")}] y la consulta necesita el de [${now.join(", ")}].`,
      en: `The checkpoint has the state of [${before.join(", ")}], and the query needs that of [${now.join(", ")}].`,
    });
  }
  for (const [id, { schema }] of operators.entries()) {
    const stored = await readLine(join(checkpoint.stateFolder(id), "0", "_metadata", "schema"), schemaSchema);
    if (stored === undefined) continue;
    if (stored.key.join() !== schema.key.join()) {
      throw incompatible("STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE", "other-keys", {
        es: `El estado guardado tiene las claves [${stored.key.join(", ")}] y la consulta agrupa por [${schema.key.join(", ")}].`,
        en: `The stored state has the keys [${stored.key.join(", ")}], and the query groups by [${schema.key.join(", ")}].`,
      });
    }
    if (stored.value.join() !== schema.value.join()) {
      throw incompatible("STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE", "other-aggregates", {
        es: `El estado guardado tiene los valores [${stored.value.join(", ")}] y la consulta calcula [${schema.value.join(", ")}].`,
        en: `The stored state has the values [${stored.value.join(", ")}], and the query computes [${schema.value.join(", ")}].`,
      });
    }
  }
}

/** Delays, windows and aggregates of a plan: where Spark lets them change over a restart so do we, with a warning. */
export function planSignature(plan: Plan): string {
  return JSON.stringify(
    nodesOf(plan).flatMap((node): unknown[] => {
      if (node.kind === "watermark") return [["watermark", node.column, node.delayMs]];
      if (node.kind !== "aggregate") return [];
      const windows = node.keys.flatMap((key): unknown[] => {
        if (key.kind === "window") return [["window", key.sizeUs, key.slideUs, key.startUs]];
        return key.kind === "session" ? [["session", key.gapUs]] : [];
      });
      return [...windows, node.aggregates.map((aggregate) => [aggregate.function, aggregate.column ?? "*"])];
    }),
  );
}

async function readLine<T>(path: string, schema: z.ZodMiniType<T>): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
  const [version, line] = text.split("\n");
  try {
    const result = schema.safeParse(JSON.parse(line ?? ""));
    if (version === "v1" && result.success) return result.data;
  } catch (error) {
    throw unreadable(path, "it is no JSON", error);
  }
  throw unreadable(path, "it does not describe an operator");
}

function incompatible(condition: string, code: string, what: Text): StreamingRefusal {
  return new StreamingRefusal({
    stage: "run",
    condition,
    rule: 15,
    code: `restart-with-${code}`,
    what,
    next: [
      {
        es: "vuelve a la consulta de antes, o empieza con otra carpeta de checkpoint",
        en: "go back to the query as it was, or begin with another checkpoint folder",
      },
    ],
  });
}
