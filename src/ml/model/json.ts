/**
 * Typed arrays as JSON without a lost bit: JavaScript writes the shortest decimal that reads back as the same double;
 * what JSON has no number for (NaN, ±Infinity, −0) is written as text.
 */
export type PackedArray = {
  readonly type: "f64" | "i32" | "u8";
  readonly values: readonly (number | string)[];
};

export function packArray(values: Float64Array | Int32Array | Uint8Array): PackedArray {
  const type = values instanceof Float64Array ? "f64" : values instanceof Int32Array ? "i32" : "u8";
  return { type, values: Array.from(values, packNumber) };
}

export function packNumber(value: number): number | string {
  return Number.isFinite(value) && !Object.is(value, -0)
    ? value
    : Object.is(value, -0)
      ? "-0"
      : String(value);
}

/** The inverse of {@link packArray}, for whatever a file holds; undefined when it is not one. */
export function unpackArray(packed: unknown): Float64Array | Int32Array | Uint8Array | undefined {
  if (typeof packed !== "object" || packed === null || !("type" in packed) || !("values" in packed))
    return undefined;
  const { type, values } = packed;
  if (!Array.isArray(values) || !values.every(isPackedNumber)) return undefined;
  const numbers = values.map(Number);
  switch (type) {
    case "f64":
      return Float64Array.from(numbers);
    case "i32":
      return Int32Array.from(numbers);
    case "u8":
      return Uint8Array.from(numbers);
    default:
      return undefined;
  }
}

function isPackedNumber(value: unknown): boolean {
  return typeof value === "number" || ["NaN", "Infinity", "-Infinity", "-0"].includes(value as string);
}
