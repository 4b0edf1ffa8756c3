/**
 * Splits a SQL text at the semicolons between statements: not those in strings, quoted names, comments or
 * dollar-quoted texts. Parts that hold nothing but space and comments are left out.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let hasContent = false;
  for (let at = 0; at < sql.length; ) {
    const skipped = skipComment(sql, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    const end = skipQuoted(sql, at);
    if (end > at) {
      hasContent = true;
      at = end;
    } else if (sql[at] === ";") {
      if (hasContent) statements.push(sql.slice(start, at).trim());
      start = at + 1;
      hasContent = false;
      at++;
    } else {
      if (!/\s/.test(sql[at] ?? "")) hasContent = true;
      at++;
    }
  }
  if (hasContent) statements.push(sql.slice(start).trim());
  return statements;
}

/** The position after a comment that begins here; the same position when none does. */
function skipComment(sql: string, at: number): number {
  if (sql.startsWith("--", at)) {
    const end = sql.indexOf("\n", at);
    return end < 0 ? sql.length : end;
  }
  if (!sql.startsWith("/*", at)) return at;
  // Block comments nest, in DuckDB as in Spark and PostgreSQL.
  let depth = 0;
  for (let i = at; i < sql.length; ) {
    if (sql.startsWith("/*", i)) {
      depth++;
      i += 2;
    } else if (sql.startsWith("*/", i)) {
      depth--;
      i += 2;
      if (depth === 0) return i;
    } else {
      i++;
    }
  }
  return sql.length;
}

function skipQuoted(sql: string, at: number): number {
  const quote = sql[at];
  if (quote === "'" || quote === '"') {
    for (let i = at + 1; i < sql.length; i++) {
      if (sql[i] !== quote) continue;
      if (sql[i + 1] !== quote) return i + 1;
      i++;
    }
    return sql.length;
  }
  const tag = /^\$(?:[A-Za-z_]\w*)?\$/.exec(sql.slice(at, at + 64))?.[0];
  if (tag === undefined) return at;
  const end = sql.indexOf(tag, at + tag.length);
  return end < 0 ? sql.length : end + tag.length;
}

/** The text without comments, strings and quoted names: what is left holds only words and signs, on the same lines. */
export function bareSql(sql: string): string {
  let bare = "";
  for (let at = 0; at < sql.length; ) {
    const comment = skipComment(sql, at);
    const end = comment > at ? comment : skipQuoted(sql, at);
    if (end > at) {
      bare += ` ${sql.slice(at, end).replace(/[^\n]/g, "")}`;
      at = end;
    } else {
      bare += sql[at];
      at++;
    }
  }
  return bare;
}
