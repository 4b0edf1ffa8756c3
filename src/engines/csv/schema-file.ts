import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { Document, isMap, isSeq, parseDocument } from "yaml";
import { z } from "zod";
import { writeFileAtomic } from "../../core/atomic-file.ts";
import { UserError } from "../../core/errors.ts";
import { formatType, parseType } from "../../core/table.ts";
import { inLang, type Lang, type Text } from "../../core/text.ts";
import { isKnownEncoding } from "./encoding.ts";
import { readError } from "./errors.ts";
import { formatsOf, valueFormat } from "./formats.ts";
import type { CsvInspection } from "./inspection.ts";
import { isSafeName } from "./names.ts";

const TYPES = "string, boolean, int32, int64, float64, decimal(p,s), date, timestamp";

const delimiter = z
  .string()
  .refine(
    isDelimiter,
    saying({
      es: "un carácter ASCII, que no sea comilla, letra ni cifra",
      en: "one ASCII character, and no quote, letter or digit",
    }),
  )
  .describe("What stands between two fields, one ASCII character; a tab is \\t.");

const column = z
  .strictObject({
    position: z.int().min(1).describe("Which column of the file, from 1."),
    source: z.string().optional().describe("The header as it stands in the file; checked when it is read."),
    name: z
      .string()
      .refine(
        isSafeName,
        saying({
          es: "letras, cifras y _, y que no sea palabra de SQL",
          en: "letters, digits and _, no SQL word",
        }),
      )
      .describe("The name in SQL."),
    type: z
      .string()
      .transform((text, context) => {
        const type = parseType(text);
        if (type === undefined) {
          const { message, params } = saying({
            es: `«${text}» no es un tipo: ${TYPES}`,
            en: `"${text}" is not a type: ${TYPES}`,
          });
          context.addIssue({ code: "custom", message, params });
          return z.NEVER;
        }
        return type;
      })
      .describe(`${TYPES}.`),
    format: z.string().optional().describe('How it is written: "1.234,56", "dd/mm/yyyy", "sí/no".'),
    nulls: z
      .array(z.string().min(1))
      .optional()
      .describe('Texts that mean "no value", beside the empty one.'),
  })
  .superRefine((one, context) => {
    if (valueFormat(one.type, one.format) !== undefined) return;
    const formats = formatsOf(one.type);
    const list = formats.join("  ");
    const { message, params } = saying(
      formats.length === 0
        ? { es: "un texto no tiene formato", en: "a string has no format" }
        : { es: `uno de estos: ${list}`, en: `one of: ${list}` },
    );
    context.addIssue({ code: "custom", path: ["format"], message, params });
  });

const schema = z
  .strictObject({
    file: z.string().optional().describe("The file that it was made from; for the reader only."),
    encoding: z
      .string()
      .refine(
        isKnownEncoding,
        saying({
          es: "no es una codificación: utf-8, windows-1252, utf-16le…",
          en: "not an encoding: utf-8, windows-1252, utf-16le, …",
        }),
      )
      .describe("utf-8, windows-1252, utf-16le, iso-8859-15, …"),
    delimiter,
    quote: z.enum(['"', "'", ""]).describe("What fields are quoted with; empty for nothing."),
    escape: z.enum(['"', "'", "\\", ""]).describe("The quote itself (doubled), or a backslash."),
    skipSpaceBeforeQuote: z.boolean().default(false).describe("Spaces before an opening quote are no value."),
    header: z.boolean().describe("The first line that is not skipped holds names."),
    skipLines: z.int().min(0).default(0).describe("Lines above the header that are no data."),
    columns: z
      .array(column)
      .min(1)
      .describe("The columns to keep; one that is left out is not in the result."),
  })
  .superRefine((one, context) => {
    const { columns } = one;
    if (one.escape !== "\\" && one.escape !== one.quote) {
      const { message, params } = saying({
        es: "la propia comilla, o una barra invertida",
        en: "the quote itself, or a backslash",
      });
      context.addIssue({ code: "custom", path: ["escape"], message, params });
    }
    for (const key of ["name", "position"] as const) {
      const seen = new Set<string>();
      columns.forEach((one, index) => {
        const value = String(one[key]).toLowerCase();
        if (seen.has(value)) {
          const { message, params } = saying({ es: `${value} está dos veces`, en: `${value} stands twice` });
          context.addIssue({ code: "custom", path: ["columns", index, key], message, params });
        }
        seen.add(value);
      });
    }
  });

/** What a learner says of a CSV: dialect, and the columns to keep with their types. */
export type CsvSchema = z.output<typeof schema>;

/** The zod schema, for generated documentation. */
export const csvSchemaShape = schema;

/** Writes what was found as YAML that can be edited and passed back; notes stand beside their columns as comments. */
export async function writeSchemaFile(path: string, inspection: CsvInspection, lang: Lang): Promise<void> {
  await writeFileAtomic(path, formatSchema(inspection, lang));
}

/** The text of {@link writeSchemaFile}. */
export function formatSchema(inspection: CsvInspection, lang: Lang): string {
  const { dialect } = inspection;
  const selected = inspection.columns.filter((one) => one.isSelected);
  const document = new Document({
    file: basename(inspection.path),
    encoding: inspection.encoding,
    delimiter: dialect.delimiter,
    quote: dialect.quote,
    escape: dialect.escape,
    ...(dialect.skipSpaceBeforeQuote ? { skipSpaceBeforeQuote: true } : {}),
    header: dialect.hasHeader,
    skipLines: dialect.skipLines,
    columns: selected.map((one) => ({
      position: one.position,
      ...(dialect.hasHeader ? { source: one.source } : {}),
      name: one.name,
      type: formatType(one.type),
      ...(one.format === undefined ? {} : { format: one.format }),
      ...(one.nulls === undefined ? {} : { nulls: [...one.nulls] }),
    })),
  });
  document.commentBefore = comment([HOW_TO_EDIT, ...KINDS, ...inspection.notes], lang);
  const columns = document.get("columns");
  if (isSeq(columns)) {
    columns.items.forEach((item, index) => {
      const notes = selected[index]?.notes ?? [];
      if (isMap(item) && notes.length > 0) item.commentBefore = comment(notes, lang);
    });
  }
  return document.toString({ lineWidth: 0 });
}

/** Reads a schema file; what is wrong in it is a UserError of fault usage that names line and key. */
export async function readSchemaFile(path: string): Promise<CsvSchema> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw readError(error, path);
  });
  return parseSchema(text, path);
}

/** The same from its text; `where` names it in errors. */
export function parseSchema(text: string, where: string): CsvSchema {
  const document = parseDocument(text, { prettyErrors: true });
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw schemaError(where, {
      es: `No es YAML: ${firstLine(broken.message)}`,
      en: `It is not YAML: ${firstLine(broken.message)}`,
    });
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw schemaError(where, {
    es: `El esquema no vale:\n${problemsIn(value, "es")}`,
    en: `The schema is not valid:\n${problemsIn(value, "en")}`,
  });
}

/** The first five problems, a line each: `columns.2.type: …`; columns are counted from 1, as `position` is. */
function problemsIn(value: unknown, lang: Lang): string {
  const { localeError } = lang === "es" ? z.locales.es() : z.locales.en();
  const parsed = schema.safeParse(value, { error: localeError });
  return (parsed.error?.issues ?? [])
    .slice(0, 5)
    .map((issue) => {
      const key = issue.path.map((part) => (typeof part === "number" ? part + 1 : String(part))).join(".");
      const es: unknown = issue.code === "custom" ? issue.params?.es : undefined;
      const said = lang === "es" && typeof es === "string" ? es : issue.message;
      return key === "" ? said : `${key}: ${said}`;
    })
    .join("\n");
}

/** A rule's message: zod carries one text, so the other travels beside it. */
function saying(text: { readonly es: string; readonly en: string }): {
  message: string;
  params: { es: string };
} {
  return { message: text.en, params: { es: text.es } };
}

export function schemaError(where: string, what: Text): UserError {
  return new UserError({
    fault: "usage",
    code: "csv-schema",
    what,
    where,
    next: [
      {
        es: "bórralo para que se escriba otra vez desde el CSV, o corrígelo",
        en: "delete it to have it written again from the CSV, or correct it",
      },
    ],
  });
}

const HOW_TO_EDIT: Text = {
  es: "Cómo se lee este CSV. Edítalo y pásalo con --schema: lo que no encaje en su tipo se rechaza, con su motivo.",
  en: "How this CSV is read. Edit it and pass it with --schema: what does not fit its type is rejected, with a reason.",
};

/** What may stand in `type` and `format`. */
const KINDS: readonly Text[] = [
  { es: `type: ${TYPES}.`, en: `type: ${TYPES}.` },
  {
    es: `format, para números: ${numberFormats()}; para fechas: ${dateFormats()}.`,
    en: `format, for numbers: ${numberFormats()}; for dates: ${dateFormats()}.`,
  },
];

function numberFormats(): string {
  return formatsOf({ kind: "float64" }).join("  ");
}

function dateFormats(): string {
  return formatsOf({ kind: "date" }).join("  ");
}

function isDelimiter(mark: string): boolean {
  const code = mark.charCodeAt(0);
  return mark.length === 1 && code > 0 && code < 127 && !/["'\r\nA-Za-z0-9]/.test(mark);
}

function comment(notes: readonly Text[], lang: Lang): string {
  return notes.map((note) => ` ${inLang(note, lang).replace(/[\r\n]+/g, " ")}`).join("\n");
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? text;
}
