import { type DataType, formatType, type Table } from "../../core/table.ts";
import type { FailureReason } from "../verdict.ts";
import { familyOf, isSameFamily, type NamedColumn } from "./families.ts";

export interface SchemaOptions {
  readonly result: string;
  /** Only these columns of the expected table are asked for; default all. With it, further columns are no error. */
  readonly columns?: readonly string[] | undefined;
  /** True only where the task asks for this order of columns. */
  readonly isOrdered?: boolean | undefined;
  /** Types that the task fixes to the letter, by column (case aside). */
  readonly exactTypes?: Readonly<Record<string, DataType>> | undefined;
}

/** Why the columns of a table are not the expected ones: names first, then order, then types. Undefined: they are. */
export function compareSchemas(
  expected: Table,
  actual: Table,
  options: SchemaOptions,
): FailureReason | undefined {
  const pairs = pairByName(expected, actual, options.columns);
  const extra = options.columns === undefined ? pairs.extra : [];
  if (pairs.missing.length > 0 || extra.length > 0) {
    return { kind: "columns", result: options.result, missing: pairs.missing, extra };
  }
  if (options.isOrdered === true) {
    const wanted = expected.fields.map((field) => field.name);
    if (wanted.some((name, index) => fold(name) !== fold(actual.fields[index]?.name ?? ""))) {
      return { kind: "columns", result: options.result, missing: [], extra: [], expectedOrder: wanted };
    }
  }
  const exact = new Map(Object.entries(options.exactTypes ?? {}).map(([name, type]) => [fold(name), type]));
  const columns = pairs.pairs.flatMap(({ expected: wanted, actual: given }) => {
    const fixed = exact.get(fold(wanted.field.name));
    if (fixed !== undefined) {
      return formatType(fixed) === formatType(given.field.type)
        ? []
        : [
            {
              name: wanted.field.name,
              expected: formatType(fixed),
              actual: formatType(given.field.type),
            },
          ];
    }
    return isSameFamily(wanted, given)
      ? []
      : [
          {
            name: wanted.field.name,
            expected: familyOf(wanted.field.type),
            actual: familyOf(given.field.type),
          },
        ];
  });
  return columns.length > 0 ? { kind: "types", result: options.result, columns } : undefined;
}

export interface ColumnPairing {
  readonly pairs: readonly { readonly expected: NamedColumn; readonly actual: NamedColumn }[];
  readonly missing: readonly string[];
  /** Columns of the actual table without a partner, a second one of a name among them. */
  readonly extra: readonly string[];
}

/** Pairs columns by name, case aside; each column of the actual table is used once. */
export function pairByName(expected: Table, actual: Table, columns?: readonly string[]): ColumnPairing {
  const asked = columns === undefined ? undefined : new Set(columns.map(fold));
  const pairs: { expected: NamedColumn; actual: NamedColumn }[] = [];
  const missing: string[] = [];
  const used = new Set<number>();
  expected.fields.forEach((field, index) => {
    if (asked !== undefined && !asked.has(fold(field.name))) return;
    const column = expected.columns[index];
    const at = actual.fields.findIndex((f, i) => !used.has(i) && fold(f.name) === fold(field.name));
    const givenField = actual.fields[at];
    const given = actual.columns[at];
    if (column === undefined || givenField === undefined || given === undefined) {
      missing.push(field.name);
      return;
    }
    used.add(at);
    pairs.push({ expected: { field, column }, actual: { field: givenField, column: given } });
  });
  const extra = actual.fields.filter((_, index) => !used.has(index)).map((field) => field.name);
  return { pairs, missing, extra };
}

function fold(name: string): string {
  return name.toLowerCase();
}
