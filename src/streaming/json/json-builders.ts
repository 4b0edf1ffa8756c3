import type { Column, DataType } from "../../core/table.ts";
import { fromDoubles } from "../micros.ts";

/** A typed column that takes JSON values, row by row; a row may be written again until the next one is. */
export interface Builder {
  setNull(row: number): void;
  isNull(row: number): boolean;
  /** False: not a value of this type. */
  setNumber(row: number, value: number): boolean;
  setText(row: number, text: string): boolean;
  setBoolean(row: number, value: boolean): boolean;
  column(rows: number): Column;
}

/** The builder of a type, for so many rows at most. */
export function builderOf(type: DataType, capacity: number): Builder {
  const valid = new Uint8Array(capacity);
  const validity = (rows: number): Uint8Array | undefined => {
    const used = valid.subarray(0, rows);
    return used.includes(0) ? used : undefined;
  };
  const base = {
    setNull: (row: number): void => {
      valid[row] = 0;
    },
    isNull: (row: number): boolean => valid[row] !== 1,
    setNumber: (_row: number, _value: number): boolean => false,
    setText: (_row: number, _text: string): boolean => false,
    setBoolean: (_row: number, _value: boolean): boolean => false,
  };
  switch (type.kind) {
    case "string": {
      const values = new Array<string>(capacity).fill("");
      return {
        ...base,
        setText: (row, text) => {
          values[row] = text;
          valid[row] = 1;
          return true;
        },
        column: (rows) => ({ kind: "string", values: values.slice(0, rows), validity: validity(rows) }),
      };
    }
    case "boolean": {
      const values = new Uint8Array(capacity);
      return {
        ...base,
        setBoolean: (row, value) => {
          values[row] = value ? 1 : 0;
          valid[row] = 1;
          return true;
        },
        column: (rows) => ({ kind: "boolean", values: values.subarray(0, rows), validity: validity(rows) }),
      };
    }
    case "int32":
    case "date": {
      const values = new Int32Array(capacity);
      const set = (row: number, value: number): boolean => {
        if (!Number.isInteger(value) || value > 2_147_483_647 || value < -2_147_483_648) return false;
        values[row] = value;
        valid[row] = 1;
        return true;
      };
      return {
        ...base,
        setNumber: type.kind === "int32" ? set : base.setNumber,
        setText: (row, text) => {
          if (type.kind === "int32" || !/^\d{4}-\d\d-\d\d$/.test(text)) return false;
          const ms = Date.parse(`${text}T00:00:00Z`);
          return !Number.isNaN(ms) && set(row, Math.floor(ms / 86_400_000));
        },
        column: (rows) => ({ kind: type.kind, values: values.subarray(0, rows), validity: validity(rows) }),
      };
    }
    case "float64": {
      const values = new Float64Array(capacity);
      return {
        ...base,
        setNumber: (row, value) => {
          values[row] = value;
          valid[row] = 1;
          return true;
        },
        column: (rows) => ({ kind: "float64", values: values.subarray(0, rows), validity: validity(rows) }),
      };
    }
    case "timestamp": {
      const values = new Float64Array(capacity);
      const set = (row: number, micros: number): boolean => {
        if (!Number.isFinite(micros)) return false;
        values[row] = Math.round(micros);
        valid[row] = 1;
        return true;
      };
      return {
        ...base,
        setNumber: set,
        setText: (row, text) => {
          // Z with a plain form was read before; what is left has another offset, no seconds, or is a date alone.
          const match = ISO_TIME.exec(text);
          const [, year = "", month = "", day = ""] = match ?? [];
          // The language would take 30 February for 1 March.
          if (match === null || Number(day) > daysIn(Number(year), Number(month))) return false;
          const hasZone = text.length <= 10 || /(?:[+-]\d\d:\d\d|Z)$/.test(text);
          return set(row, Date.parse(`${text.replace(" ", "T")}${hasZone ? "" : "Z"}`) * 1000);
        },
        column: (rows) => ({
          kind: "timestamp",
          values: fromDoubles(values.subarray(0, rows)),
          validity: validity(rows),
        }),
      };
    }
    default: {
      const scale = type.kind === "decimal" ? type.scale : 0;
      const factor = 10 ** scale;
      const values = new BigInt64Array(capacity);
      const words = new Int32Array(values.buffer);
      return {
        ...base,
        setNumber: (row, value) => {
          const scaled = scale === 0 ? value : Math.round(value * factor);
          const isExact =
            scale === 0
              ? Number.isInteger(value)
              : Math.abs(scaled / factor - value) <= Math.abs(value) * 1e-15;
          if (!isExact || Math.abs(scaled) > Number.MAX_SAFE_INTEGER) return false;
          const high = Math.floor(scaled / 4_294_967_296);
          words[row * 2 + 1] = high;
          words[row * 2] = scaled - high * 4_294_967_296;
          valid[row] = 1;
          return true;
        },
        setText: (row, text) => {
          // Only a number that is too long for a double comes here as text, or a decimal in quotes.
          const match = /^(-?\d+)(?:\.(\d+))?$/.exec(text);
          if (match === null || (match[2] ?? "").length > scale) return false;
          const value = BigInt(`${match[1]}${(match[2] ?? "").padEnd(scale, "0")}`);
          if (BigInt.asIntN(64, value) !== value) return false;
          values[row] = value;
          valid[row] = 1;
          return true;
        },
        column: (rows) => ({
          kind: type.kind === "decimal" ? "decimal" : "int64",
          values: values.subarray(0, rows),
          validity: validity(rows),
        }),
      };
    }
  }
}

const ISO_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[+-]\d\d:\d\d|Z))?$/;

/** Days of a month. */
export function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
