import type { Preparation } from "../prepare/pipeline.ts";
import type { StepState } from "../prepare/step.ts";

/** How identifiers and strings are quoted; the expressions are the same. */
export type SqlDialect = "duckdb" | "spark";

/** A prepared feature as SQL. A number is a DOUBLE; where it may miss, NULL or NaN; a category is text or NULL. */
export type SqlColumn =
  | { readonly name: string; readonly kind: "number"; readonly sql: string; readonly mayMiss: boolean }
  | { readonly name: string; readonly kind: "category"; readonly sql: string };

/** The features that leave the preparation, each an expression over the raw columns. */
export function preparedColumns(preparation: Preparation, dialect: SqlDialect): SqlColumn[] {
  const dictionaries = new Map(preparation.schema.map((feature) => [feature.name, feature.dictionary ?? []]));
  let columns = preparation.schema.map((feature): SqlColumn => {
    const raw = identifier(feature.name, dialect);
    if (feature.kind === "category") return { name: feature.name, kind: "category", sql: raw };
    return { name: feature.name, kind: "number", sql: `CAST(${raw} AS DOUBLE)`, mayMiss: true };
  });
  for (const step of preparation.steps) {
    columns = columns.flatMap((column) =>
      applyStep(step, column, dictionaries.get(column.name) ?? [], dialect),
    );
  }
  return columns;
}

function applyStep(
  step: StepState,
  column: SqlColumn,
  dictionary: readonly string[],
  dialect: SqlDialect,
): SqlColumn[] {
  switch (step.kind) {
    case "impute": {
      const fill = step.fill[column.name];
      if (fill === undefined) return [column];
      if (column.kind === "category") {
        const value = text(dictionary[fill] ?? "", dialect);
        return [{ ...column, sql: `coalesce(${column.sql}, ${value})` }];
      }
      const { sql } = column;
      const filled = `CASE WHEN ${sql} IS NULL OR isnan(${sql}) THEN ${literal(fill)} ELSE ${sql} END`;
      return [{ ...column, sql: `(${filled})`, mayMiss: false }];
    }
    case "scale": {
      const moments = step.columns[column.name];
      if (moments === undefined || column.kind === "category") return [column];
      const { deviation } = moments;
      const mean = step.withMean ? moments.mean : 0;
      const scaled =
        deviation === 0
          ? `${column.sql} * 0e0`
          : `(${column.sql} - ${literal(mean)}) / ${literal(deviation)}`;
      return [{ ...column, sql: `(${scaled})` }];
    }
    case "one-hot": {
      const plan = step.columns.find((one) => one.name === column.name);
      if (plan === undefined) return [column];
      const flag = (name: string, condition: string): SqlColumn => ({
        name,
        kind: "number",
        sql: `(CASE WHEN ${condition} THEN 1e0 ELSE 0e0 END)`,
        mayMiss: false,
      });
      const flags = plan.dictionary.map((value) =>
        flag(`${plan.name}=${value}`, `${column.sql} = ${text(value, dialect)}`),
      );
      return plan.hasMissing ? [...flags, flag(`${plan.name} is missing`, `${column.sql} IS NULL`)] : flags;
    }
  }
}

/** A DOUBLE: `1.5e0`, because a plain `1.5` is a DECIMAL. Throws a RangeError for NaN and infinities. */
export function literal(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no literal`);
  const digits = String(value);
  const double = digits.includes("e") ? digits : `${digits}e0`;
  return value < 0 ? `(${double})` : double;
}

/** A string literal; in Spark a backslash escapes. */
export function text(value: string, dialect: SqlDialect): string {
  if (dialect === "spark") return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  return `'${value.replaceAll("'", "''")}'`;
}

export function identifier(name: string, dialect: SqlDialect): string {
  return dialect === "spark" ? `\`${name.replaceAll("`", "``")}\`` : `"${name.replaceAll('"', '""')}"`;
}

/** A sum as a balanced tree, so that a thousand terms nest ten deep, not a thousand. */
export function sumOf(terms: readonly string[]): string {
  if (terms.length === 0) return "0e0";
  if (terms.length === 1) return terms[0] as string;
  const middle = Math.ceil(terms.length / 2);
  return `(${sumOf(terms.slice(0, middle))} + ${sumOf(terms.slice(middle))})`;
}
