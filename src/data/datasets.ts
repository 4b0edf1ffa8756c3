import { stat } from "node:fs/promises";
import { join } from "node:path";
import { closest } from "fastest-levenshtein";
import { UserError } from "../core/errors.ts";
import type { Table } from "../core/table.ts";
import { formatType } from "../core/table.ts";
import { fieldsOf, tableFromRows } from "../core/table-build.ts";
import { type Lang, verbatim } from "../core/text.ts";
import { type Card, type CardColumn, fieldOf } from "./card.ts";
import { shippedCards } from "./cards.ts";
import type {
  CardField,
  Dataset,
  DatasetCard,
  DatasetFiles,
  MaterialiseOptions,
  TableContract,
} from "./dataset.ts";
import { materialiseLeadEvents } from "./lead-events/materialise.ts";
import { materialiseLeads } from "./leads/materialise.ts";

type FileCard = Exclude<Card, { kind: "table" }>;
type GeneratedCard = Extract<Card, { kind: "generated" }>;

/** What a generated card's name needs: code that makes the files. */
const GENERATORS: Readonly<Record<string, Generate>> = {
  leads: materialiseLeads,
  "lead-events": materialiseLeadEvents,
};

type Generate = (
  options: MaterialiseOptions & { readonly rows: number; readonly seed: number },
) => Promise<Pick<DatasetFiles, "paths" | "ledgerPath" | "sizeBytes">>;

/** Every dataset, by name. */
export function datasets(): readonly Dataset[] {
  return shippedCards().flatMap(({ card, folder }) =>
    card.kind === "table" ? [] : [datasetOf(card, folder)],
  );
}

/** A dataset by name; throws a UserError that suggests the nearest name. */
export function findDataset(name: string): Dataset {
  const all = datasets();
  const found = all.find(({ card }) => card.name === name);
  if (found !== undefined) return found;
  const nearest = closest(
    name,
    all.map(({ card }) => card.name),
  );
  throw new UserError({
    fault: "usage",
    code: "unknown-dataset",
    what: {
      es: `No conozco los datos «${name}». ¿Querías decir ${nearest}?`,
      en: `There is no dataset "${name}". Did you mean ${nearest}?`,
    },
    next: [verbatim(`taller data describe ${nearest}`), verbatim("taller data list")],
  });
}

/** The contract of a table that pipelines hand on; undefined when there is none of that name. */
export function findContract(name: string): TableContract | undefined {
  for (const { card } of shippedCards())
    if (card.kind === "table" && card.name === name) return { ...card, fields: card.columns.map(cardField) };
  return undefined;
}

/** A card's columns as a table, for people: column, type, unit, nullable, what. */
export function describeDataset(card: { readonly fields: readonly CardField[] }, lang: Lang): Table {
  return tableFromRows(
    fieldsOf({
      column: { kind: "string" },
      type: { kind: "string" },
      unit: { kind: "string" },
      nullable: { kind: "boolean" },
      what: { kind: "string" },
    }),
    card.fields.map((field) => ({
      column: field.name,
      type: formatType(field.type),
      unit: field.unit ?? null,
      nullable: field.nullable,
      what: field.description[lang],
    })),
  );
}

function datasetOf(card: FileCard, folder: string): Dataset {
  const published = datasetCard(card);
  if (card.kind === "shipped") {
    const path = join(folder, card.file);
    return {
      card: published,
      materialise: async (options) => {
        refuseUnknownVariant(published, options);
        const { size } = await stat(path);
        return {
          paths: [path],
          format: card.format,
          fields: published.fields,
          csv: card.csv,
          sizeBytes: size,
        };
      },
    };
  }
  const generate = GENERATORS[card.name];
  if (generate === undefined) throw new Error(`no generator for the dataset ${card.name}`);
  return {
    card: published,
    materialise: async (options) => {
      refuseUnknownVariant(published, options);
      const made = await generate({
        ...options,
        rows: options.rows ?? card.defaults.rows,
        seed: options.seed ?? card.defaults.seed,
      });
      return { ...made, format: card.format, fields: columnsIn(card, options.variant), csv: card.csv };
    },
  };
}

function datasetCard(card: FileCard): DatasetCard {
  const { name, title, description, licence, source, version, format } = card;
  const base = { name, title, description, licence, source, version, format };
  if (card.kind === "shipped")
    return { ...base, sha256: card.sha256, variants: [], fields: card.columns.map(cardField) };
  return { ...base, variants: card.variants, fields: columnsIn(card, undefined), defaults: card.defaults };
}

function columnsIn(card: GeneratedCard, variant: string | undefined): readonly CardField[] {
  const wanted = variant ?? card.variants[0] ?? "";
  return card.columns.filter(({ variants }) => variants?.includes(wanted) ?? true).map(cardField);
}

function cardField(column: CardColumn): CardField {
  const { description, values, min, max } = column;
  return { ...fieldOf(column), description, values, min, max };
}

function refuseUnknownVariant(card: DatasetCard, { variant }: MaterialiseOptions): void {
  if (variant === undefined || card.variants.includes(variant)) return;
  const there = card.variants.join(", ");
  throw new UserError({
    fault: "usage",
    code: "unknown-variant",
    what: {
      es: `${card.name} no tiene la variante «${variant}». ${there === "" ? "No tiene variantes." : `Hay: ${there}.`}`,
      en: `${card.name} has no variant "${variant}". ${there === "" ? "It has none." : `There are: ${there}.`}`,
    },
    next: [verbatim(`taller data describe ${card.name}`)],
  });
}
