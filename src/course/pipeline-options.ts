import { z } from "zod";
import { UserError } from "../core/errors.ts";
import { nearest } from "./ids.ts";
import type { Pipeline } from "./pipeline.ts";

/** One option of a pipeline as a command-line flag. */
export interface PipelineFlag {
  /** The key in the schema, `partitionBy`. */
  readonly key: string;
  /** `partition-by`. */
  readonly flag: string;
  readonly kind: "boolean" | "number" | "text";
  readonly description: string;
  /** Undefined when the option has none: then it may be left out or must be given. */
  readonly defaultValue: unknown;
  readonly isRequired: boolean;
  readonly choices: readonly string[] | undefined;
}

/** The flags of a pipeline, in the order of its schema. */
export function pipelineFlags(pipeline: Pick<Pipeline, "options">): PipelineFlag[] {
  const schema = z.toJSONSchema(pipeline.options, { io: "output", unrepresentable: "any" });
  return Object.entries(pipeline.options.shape).map(([key, option]) => {
    const found = schema.properties?.[key];
    const property = typeof found === "object" ? found : {};
    return {
      key,
      flag: key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      kind: kindOf(property),
      description: property.description ?? "",
      defaultValue: property.default,
      isRequired: !z.safeParse(option as z.ZodType, undefined).success,
      choices: property.enum?.map(String),
    };
  });
}

/**
 * Raw options (text from a fence, what a command line parsed) to what the pipeline's schema gives. Keys may
 * be `partitionBy` or `partition-by`. Throws a UserError (usage) that names the option.
 */
export function parsePipelineOptions(
  pipeline: Pick<Pipeline, "id" | "options">,
  raw: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const flags = pipelineFlags(pipeline);
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (value === undefined) continue;
    const flag = flags.find((one) => one.key === name || one.flag === name);
    if (flag === undefined) throw unknownOption(pipeline.id, name, flags);
    values[flag.key] =
      flag.kind === "boolean" && (value === "true" || value === "false") ? value === "true" : value;
  }
  const parsed = pipeline.options.safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const key = String(issue?.path[0] ?? "");
  const flag = flags.find((one) => one.key === key)?.flag ?? key;
  throw new UserError({
    fault: "usage",
    code: "bad-option",
    what: {
      es: `--${flag}: el valor no vale (${issue?.message ?? parsed.error.message}).`,
      en: `--${flag}: the value will not do (${issue?.message ?? parsed.error.message}).`,
    },
    where: `taller run ${pipeline.id}`,
    next: [{ es: `taller run ${pipeline.id} --help`, en: `taller run ${pipeline.id} --help` }],
    cause: parsed.error,
  });
}

function kindOf(property: z.core.JSONSchema.BaseSchema): PipelineFlag["kind"] {
  const types = [
    property.type,
    ...(property.anyOf ?? []).map((one) => (typeof one === "object" ? one.type : "")),
  ];
  if (types.includes("boolean")) return "boolean";
  return types.includes("integer") || types.includes("number") ? "number" : "text";
}

function unknownOption(id: string, name: string, flags: readonly PipelineFlag[]): UserError {
  const near = nearest(
    name,
    flags.map((flag) => flag.flag),
  );
  return new UserError({
    fault: "usage",
    code: "unknown-option",
    what: {
      es: `El pipeline «${id}» no tiene la opción --${name}.`,
      en: `The pipeline "${id}" has no option --${name}.`,
    },
    next: [
      ...(near === undefined ? [] : [{ es: `¿Querías decir --${near}?`, en: `Did you mean --${near}?` }]),
      { es: `taller run ${id} --help`, en: `taller run ${id} --help` },
    ],
  });
}
