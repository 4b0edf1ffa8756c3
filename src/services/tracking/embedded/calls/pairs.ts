import type { Fields } from "../fields.ts";
import { checkKey } from "../names.ts";

/** `tags: [{key, value}]` of a request. */
export function pairsOf(fields: Fields, name = "tags"): { key: string; value: string }[] {
  return fields
    .entries(name)
    .map((entry) => ({ key: checkKey(entry.required("key"), `${name}.key`), value: entry.text("value") }));
}

type Pairs = readonly { readonly key: string; readonly value: string }[];

/** The list with this tag set: a known key keeps its place. */
export function withTag(tags: Pairs, key: string, value: string): { key: string; value: string }[] {
  return lastOfEachKey([...tags, { key, value }]);
}

export function lastOfEachKey(pairs: Pairs): { key: string; value: string }[] {
  return [...new Map(pairs.map(({ key, value }) => [key, value]))].map(([key, value]) => ({ key, value }));
}
