/** A value that can't cross; the message says where in it (`result.model: function`). */
export class NotDataError extends Error {}

// Taken before the submission loads.
const { getPrototypeOf, keys } = Object;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const { apply } = Reflect;
const arrayProto = Array.prototype;
const objectProto = Object.prototype;
const mapProto = Map.prototype;
const setProto = Set.prototype;
const dateProto = Date.prototype;
const arrayBufferProto = ArrayBuffer.prototype;
const mapForEach = Map.prototype.forEach;
const setForEach = Set.prototype.forEach;
const toText = String;

const MAX_DEPTH = 200;
const MAX_VALUES = 5_000_000;

/**
 * Throws a {@link NotDataError} unless the value is data: null, undefined, booleans, numbers, texts, Date,
 * typed arrays, and arrays, plain objects, Map and Set of these, without cycles.
 */
export function assertPlainData(value: unknown, path: string): void {
  let values = 0;
  const ancestors: unknown[] = [];
  const visit = (part: unknown, at: string, depth: number): void => {
    if (++values > MAX_VALUES) throw new NotDataError(`${path}: more than ${MAX_VALUES} values`);
    if (typeof part === "function" || typeof part === "symbol")
      throw new NotDataError(`${at}: ${typeof part}`);
    if (typeof part !== "object" || part === null || isView(part)) return;
    if (depth > MAX_DEPTH) throw new NotDataError(`${at}: deeper than ${MAX_DEPTH}`);
    for (let i = 0; i < depth; i++) {
      if (ancestors[i] === part) throw new NotDataError(`${at}: cycle`);
    }
    ancestors[depth] = part;
    visitParts(part, at, depth + 1);
  };
  const visitParts = (part: object, at: string, depth: number): void => {
    const proto: unknown = getPrototypeOf(part);
    if (isArray(part) && proto === arrayProto) {
      for (let i = 0; i < part.length; i++) visit(part[i], `${at}[${i}]`, depth);
    } else if (proto === objectProto || proto === null) {
      const names = keys(part);
      for (let i = 0; i < names.length; i++) {
        const name = names[i] ?? "";
        visit((part as Record<string, unknown>)[name], `${at}.${name}`, depth);
      }
    } else if (proto === mapProto) {
      apply(mapForEach, part, [
        (item: unknown, key: unknown) => {
          visit(key, `${at} key`, depth);
          visit(item, `${at}.get(${typeof key === "object" ? "…" : toText(key)})`, depth);
        },
      ]);
    } else if (proto === setProto) {
      apply(setForEach, part, [(item: unknown) => visit(item, `${at} item`, depth)]);
    } else if (proto !== dateProto && proto !== arrayBufferProto) {
      throw new NotDataError(`${at}: ${classNameOf(proto)}`);
    }
  };
  visit(value, path, 0);
}

function classNameOf(proto: unknown): string {
  const made = (proto as { constructor?: unknown }).constructor;
  return typeof made === "function" && typeof made.name === "string" && made.name !== ""
    ? made.name.slice(0, 80)
    : "class";
}
