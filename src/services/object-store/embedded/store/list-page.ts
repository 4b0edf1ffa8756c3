import type { KeyIndex } from "./key-index.ts";

export interface PageInput {
  /** Byte strings, all of them; "" for none. */
  readonly prefix: string;
  readonly delimiter: string;
  /** Where the page before ended; what it holds is not given again. */
  readonly after: PagePosition | undefined;
  readonly maxKeys: number;
}

/** The last thing on a page: a key, or a common prefix that stands for every key below it. */
export interface PagePosition {
  readonly kind: "key" | "prefix";
  readonly bytes: string;
}

export interface Page {
  readonly keys: readonly string[];
  readonly commonPrefixes: readonly string[];
  /** Where the next page goes on; undefined when this one is the last. */
  readonly next: PagePosition | undefined;
}

/**
 * One page of a listing, keys and common prefixes in the order of bytes. A common prefix is jumped over by a
 * search, so that a page costs its own length and not that of what it folds.
 */
export function listPage(index: KeyIndex, input: PageInput): Page {
  const { prefix, delimiter, after, maxKeys } = input;
  const keys: string[] = [];
  const commonPrefixes: string[] = [];
  let last: PagePosition | undefined;
  let position = index.seek(startOf(prefix, after));
  for (;;) {
    const key = index.at(position);
    if (key === undefined || !key.startsWith(prefix)) return { keys, commonPrefixes, next: undefined };
    if (keys.length + commonPrefixes.length >= maxKeys) {
      return { keys, commonPrefixes, next: maxKeys === 0 ? undefined : last };
    }
    const fold = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    if (fold >= 0) {
      const common = key.slice(0, fold + delimiter.length);
      commonPrefixes.push(common);
      last = { kind: "prefix", bytes: common };
      position = index.seek(beyond(common));
    } else {
      keys.push(key);
      last = { kind: "key", bytes: key };
      position++;
    }
  }
}

function startOf(prefix: string, after: PagePosition | undefined): string {
  if (after === undefined) return prefix;
  const start = after.kind === "prefix" ? beyond(after.bytes) : `${after.bytes}\u0000`;
  return start < prefix ? prefix : start;
}

/** After every byte string that begins with this one: no byte is U+FFFF. */
function beyond(prefix: string): string {
  return `${prefix}\uffff`;
}
