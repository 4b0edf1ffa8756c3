/**
 * A statement as it may stand in parentheses: without its last semicolon and what follows it.
 * Quotes, dollar quotes and comments are respected; a text with several statements is left as it is.
 */
export function withoutLastSemicolon(sql: string): string {
  let end = sql.length;
  let onlyBlanksSince = -1;
  const token =
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$[A-Za-z_]*\$)[\s\S]*?\1|--[^\n]*|\/\*[\s\S]*?\*\/|;|\s+|[^'"$\-/;\s]+|./g;
  for (const match of sql.matchAll(token)) {
    const text = match[0];
    if (text === ";") {
      if (onlyBlanksSince < 0) onlyBlanksSince = match.index;
    } else if (!/^(?:--|\/\*|\s)/.test(text)) {
      onlyBlanksSince = -1;
    }
  }
  if (onlyBlanksSince >= 0) end = onlyBlanksSince;
  return sql.slice(0, end);
}
