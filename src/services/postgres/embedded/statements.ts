/** A statement of a text, and its words outside of quotes, comments and parentheses. */
export interface Statement {
  readonly text: string;
  /** In small letters; a quoted name or text is `"…"` or `'…'` as it stands. */
  readonly words: readonly Word[];
}

export interface Word {
  readonly text: string;
  /** Where it begins and ends in the statement's text. */
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a text at its semicolons and reads the words of each statement: only as far as is needed to tell a COPY from
 * the client, a setting and a DEALLOCATE from all else (PostgreSQL documentation, "Lexical Structure").
 */
export function readStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  let words: Word[] = [];
  let start = 0;
  let depth = 0;
  const close = (end: number) => {
    const text = sql.slice(start, end);
    if (words.length > 0) {
      const from = start;
      statements.push({
        text,
        words: words.map((word) => ({ ...word, start: word.start - from, end: word.end - from })),
      });
    }
    words = [];
    start = end + 1;
  };
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(sql); match !== null; match = TOKEN.exec(sql)) {
    const [token] = match;
    if (token === "") break;
    let end = TOKEN.lastIndex;
    if (token === "/*") {
      end = endOfComment(sql, end);
      TOKEN.lastIndex = end;
    } else if (token === "(") depth++;
    else if (token === ")") depth = Math.max(0, depth - 1);
    else if (token === ";" && depth === 0) close(match.index);
    else if (depth === 0 && /^[\w"'$\u0080-\uffff]/i.test(token)) {
      const isQuoted = /^["']|^[eEbBxXnN]'/.test(token);
      words.push({ text: isQuoted ? token : token.toLowerCase(), start: match.index, end });
    }
  }
  close(sql.length);
  return statements;
}

/** Comments, texts with or without escapes, dollar quotes, quoted names, words, and every other character. */
const TOKEN =
  /--[^\n]*|\/\*|[eE]'(?:[^'\\]|\\[\s\S]|'')*'?|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'?|(?:[uU]&)?"(?:[^"]|"")*"?|\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$|[\w$\u0080-\uffff]+|\s+|[\s\S]/g;

/** Comments nest in PostgreSQL. */
function endOfComment(sql: string, from: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  let depth = 1;
  for (let match = mark.exec(sql); match !== null; match = mark.exec(sql)) {
    depth += match[0] === "/*" ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}

/** A `COPY … FROM STDIN`: its text with a file in place of the client; undefined for any other statement. */
export function readCopyFromClient(statement: Statement): ((path: string) => string) | undefined {
  const { words, text } = statement;
  if (words[0]?.text !== "copy") return undefined;
  const from = words.findIndex((word, i) => word.text === "from" && words[i + 1]?.text === "stdin");
  const source = words[from + 1];
  if (from < 0 || source === undefined) return undefined;
  return (path) => `${text.slice(0, source.start)}'${path}'${text.slice(source.end)}`;
}
