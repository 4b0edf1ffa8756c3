import { z } from "zod";
import { type Field, parseType } from "../core/table.ts";

const text = z.strictObject({ es: z.string().min(1), en: z.string().min(1) });
const bound = z.union([z.number(), z.string()]);

const column = z.strictObject({
  name: z.string().min(1).describe("As in the file."),
  type: z
    .string()
    .refine((type) => parseType(type) !== undefined, "no such type")
    .describe("boolean, int32, int64, float64, decimal(p,s), string, date or timestamp."),
  unit: z.string().optional().describe("What one unit of the value is: EUR, min, d."),
  nullable: z.boolean(),
  description: text,
  values: z.array(z.string()).optional().describe("The only values there are."),
  min: bound.optional().describe("Smallest value; dates and timestamps as ISO text."),
  max: bound.optional(),
  variants: z.array(z.string()).optional().describe("The variants that have the column; absent: all."),
});

const common = {
  name: z.string().describe("The folder's name."),
  version: z.int().min(1).describe("Raised when the bytes, or the columns of a table, change."),
  title: text,
  description: text,
  columns: z.array(column).min(1),
};

const files = {
  licence: z.string().min(1),
  source: z.string().min(1).describe("Where the data come from."),
  format: z.enum(["csv", "parquet", "jsonl"]).describe("jsonl: a message a line, JSON or not."),
  csv: z
    .strictObject({ delimiter: z.string(), quote: z.string(), escape: z.string(), hasHeader: z.boolean() })
    .optional()
    .describe("The dialect of a CSV."),
};

/** `datasets/<name>/dataset.json`: data that ship, data that are generated, and tables that a pipeline leaves. */
export const cardSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("shipped"),
    ...common,
    ...files,
    file: z.string().describe("Beside the card."),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    rows: z.int().min(0),
  }),
  z.strictObject({
    kind: z.literal("generated"),
    ...common,
    ...files,
    variants: z.array(z.string()).min(1).describe("The first one is the default."),
    defaults: z.strictObject({ rows: z.int().min(0), seed: z.int().min(0) }),
  }),
  z.strictObject({
    kind: z.literal("table"),
    ...common,
    producer: z.string().describe("The pipeline that leaves the table."),
    key: z.array(z.string()).describe("Columns that name a row; no two rows have the same."),
  }),
]);

export type Card = z.infer<typeof cardSchema>;
export type CardColumn = z.infer<typeof column>;

/** A column of a card as a table's field. */
export function fieldOf(column: CardColumn): Field {
  const type = parseType(column.type);
  if (type === undefined) throw new TypeError(`column "${column.name}": no type ${column.type}`);
  return {
    name: column.name,
    type,
    nullable: column.nullable,
    ...(column.unit === undefined ? {} : { unit: column.unit }),
  };
}
