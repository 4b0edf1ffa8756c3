import type { DataType } from "../../core/table.ts";
import { CH, DMY, DMY_TIME, EN, ES, FR, MDY, MDY_TIME, YMD, YMD_TIME } from "./shape.ts";
import { TRUTH_PAIRS } from "./words.ts";

/** How a column's text is written, read from the `format` of a schema. */
export type ValueFormat =
  | { readonly kind: "text" }
  | {
      readonly kind: "number";
      /** The bit of the convention, see shape.ts. */
      readonly shape: number;
      readonly isGrouped: boolean;
      readonly decimalComma: boolean;
      readonly groupMarks: readonly string[];
    }
  | {
      readonly kind: "date";
      readonly shape: number;
      readonly order: DateOrder;
      readonly separator: string;
      readonly hasTime: boolean;
    }
  | { readonly kind: "truth"; readonly pair: number };

export type DateOrder = "ymd" | "dmy" | "mdy";

/** Written forms of a number; the first one is the usual one and is left out of a schema file. */
export const NUMBER_FORMATS: Readonly<Record<string, Extract<ValueFormat, { kind: "number" }>>> = {
  "1234.56": { kind: "number", shape: EN, isGrouped: false, decimalComma: false, groupMarks: [] },
  "1,234.56": { kind: "number", shape: EN, isGrouped: true, decimalComma: false, groupMarks: [","] },
  "1234,56": { kind: "number", shape: ES, isGrouped: false, decimalComma: true, groupMarks: [] },
  "1.234,56": { kind: "number", shape: ES, isGrouped: true, decimalComma: true, groupMarks: ["."] },
  "1 234,56": {
    kind: "number",
    shape: FR,
    isGrouped: true,
    decimalComma: true,
    groupMarks: [" ", "\u00a0", "\u202f"],
  },
  "1'234.56": { kind: "number", shape: CH, isGrouped: true, decimalComma: false, groupMarks: ["'"] },
};

const DATE_SHAPES: Readonly<Record<DateOrder, readonly [date: number, time: number]>> = {
  ymd: [YMD, YMD_TIME],
  dmy: [DMY, DMY_TIME],
  mdy: [MDY, MDY_TIME],
};

/**
 * The reading of a `format` for a type; `undefined` as format is the usual one (`1234.56`, `yyyy-mm-dd`,
 * `true/false`). Undefined when the type has no such format.
 */
export function valueFormat(type: DataType, format: string | undefined): ValueFormat | undefined {
  switch (type.kind) {
    case "string":
      return format === undefined ? { kind: "text" } : undefined;
    case "boolean": {
      const pair = TRUTH_PAIRS.findIndex((one) => one.format === (format ?? "true/false"));
      return pair < 0 ? undefined : { kind: "truth", pair };
    }
    case "date":
      return dateFormat(format ?? "yyyy-mm-dd", false);
    case "timestamp":
      return dateFormat(format ?? "yyyy-mm-dd hh:mm:ss", true);
    default:
      return NUMBER_FORMATS[format ?? "1234.56"];
  }
}

/** Every format that a type may have, for a message. */
export function formatsOf(type: DataType): string[] {
  switch (type.kind) {
    case "string":
      return [];
    case "boolean":
      return TRUTH_PAIRS.map((pair) => pair.format);
    case "date":
    case "timestamp": {
      const dates = ["-", "/", "."].flatMap((mark) =>
        (["ymd", "dmy", "mdy"] as const).map((order) => writeDateFormat(order, mark)),
      );
      return type.kind === "date" ? dates : dates.map((date) => `${date} hh:mm:ss`);
    }
    default:
      return Object.keys(NUMBER_FORMATS);
  }
}

export function writeDateFormat(order: DateOrder, separator: string): string {
  const parts = { ymd: ["yyyy", "mm", "dd"], dmy: ["dd", "mm", "yyyy"], mdy: ["mm", "dd", "yyyy"] }[order];
  return parts.join(separator);
}

function dateFormat(format: string, hasTime: boolean): ValueFormat | undefined {
  const [date, time] = format.split(" ");
  if (date === undefined || time !== (hasTime ? "hh:mm:ss" : undefined)) return undefined;
  for (const separator of ["-", "/", "."]) {
    for (const order of ["ymd", "dmy", "mdy"] as const) {
      if (date !== writeDateFormat(order, separator)) continue;
      return { kind: "date", shape: DATE_SHAPES[order][hasTime ? 1 : 0], order, separator, hasTime };
    }
  }
  return undefined;
}
