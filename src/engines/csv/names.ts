/**
 * Names for columns that can stand in SQL without quotes, unique ignoring case. A header that is such a name
 * already stays as it is; anything else is put into lower-case ASCII letters, digits and `_`. `año` becomes
 * `anio`, an empty or unreadable one `column_3`.
 */
export function safeNames(headers: readonly string[]): string[] {
  const taken = new Set<string>();
  const copies = new Map<string, number>();
  const wanted = headers.map((header, index) => safeName(header, index + 1));
  // A header that needs no change keeps its name, even when an earlier one is changed into the same.
  const kept = new Set(
    headers.filter((header, index) => wanted[index] === header).map((h) => h.toLowerCase()),
  );
  return wanted.map((name, index) => {
    const isFree = (candidate: string) =>
      !taken.has(candidate.toLowerCase()) &&
      (candidate === headers[index] || !kept.has(candidate.toLowerCase()));
    let unique = name;
    // The next number to try is remembered: three thousand equal headers would try millions of names.
    let copy = copies.get(name.toLowerCase()) ?? 2;
    for (; !isFree(unique); copy++) unique = `${name}_${copy}`;
    copies.set(name.toLowerCase(), copy);
    taken.add(unique.toLowerCase());
    return unique;
  });
}

/** True for a name that needs no quotes in either engine. */
export function isSafeName(name: string): boolean {
  return (
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && name.length <= MAX_LENGTH && !RESERVED.has(name.toLowerCase())
  );
}

const MAX_LENGTH = 60;

function safeName(header: string, position: number): string {
  if (isSafeName(header)) return header;
  const name = header
    .normalize("NFC")
    .replace(/[ñÑ]/g, "ni")
    .replace(/ß/g, "ss")
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, MAX_LENGTH)
    .replace(/_+$/, "");
  if (name === "") return `column_${position}`;
  if (/^[0-9]/.test(name)) return `c_${name}`;
  return RESERVED.has(name) ? `${name}_` : name;
}

/** Words that DuckDB 1.5.6 refuses as a bare column name (tried one by one), and those of Spark's joins. */
const RESERVED: ReadonlySet<string> = new Set(
  `all analyse analyze and anti any array as asc asof asymmetric at authorization between binary both by case cast
  check collate collation column concurrently constraint create cross current_date current_timestamp current_time
  current_user default deferrable desc describe distinct do else end except exists false fetch for foreign freeze
  from full glob group having ilike in initially inner intersect interval into is isnull join lambda lateral leading
  left like limit localtime localtimestamp minus natural not notnull null offset on only or order outer overlaps
  pivot pivot_longer pivot_wider placing positional primary qualify references returning right row select semi
  session_user show similar some summarize symmetric table tablesample then to trailing true union unique unpack
  unpivot user using values variadic verbose when where window with`.split(/\s+/),
);
