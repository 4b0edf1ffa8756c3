import { frameOf } from "./messages.ts";
import { readStatements, type Statement, type Word } from "./statements.ts";

/**
 * What one connection has left in the database's only session, so that another does not meet it: the names of its
 * prepared statements (each gets the connection's number before it), its settings, its temporary tables.
 */
export class Session {
  readonly id: number;
  /** Settings to make again when the connection's turn comes; undefined when it has none. */
  settings: readonly (readonly [name: string, value: string])[] | undefined;
  /** It has run a statement that may have changed a setting. */
  maySet = false;
  mayHaveTemporary = false;
  readonly #prepared = new Set<string>();

  constructor(id: number) {
    this.id = id;
  }

  /** The database's name for a prepared statement of this connection; "" is the unnamed one. */
  nameOf(statement: string): string {
    return statement === "" ? "" : `${this.id}:${statement}`;
  }

  prepared(statement: string): void {
    if (statement !== "") this.#prepared.add(statement);
  }

  closed(statement: string): void {
    this.#prepared.delete(statement);
  }

  /** Messages that close every prepared statement of the connection; empty when there is none. */
  closeAll(): Buffer {
    const frames = [...this.#prepared].map((name) => frameOf("C", Buffer.from("S"), this.nameOf(name)));
    this.#prepared.clear();
    return frames.length === 0 ? Buffer.alloc(0) : Buffer.concat([...frames, frameOf("S")]);
  }

  /** Notes what a text may leave behind. */
  note(statements: readonly Statement[]): void {
    for (const { words, text } of statements) {
      const [first = "", second = "", third = ""] = words.map((word) => word.text);
      if (["set", "reset", "discard"].includes(first) || /set_config/i.test(text)) this.maySet = true;
      const isTemporary = (word: string) => word === "temp" || word === "temporary";
      if (first === "create" && (isTemporary(second) || isTemporary(third))) this.mayHaveTemporary = true;
      if (words.some((word, i) => word.text === "into" && isTemporary(words[i + 1]?.text ?? ""))) {
        this.mayHaveTemporary = true;
      }
    }
  }

  /**
   * A text whose PREPARE, EXECUTE, DEALLOCATE and DISCARD ALL concern this connection's statements only; `closeFirst`
   * is to be run before it. In the session that all share, they would meet and take away the others'.
   */
  rewrite(sql: string): { readonly sql: string; readonly closeFirst: Buffer } {
    const unchanged = { sql, closeFirst: Buffer.alloc(0) };
    if (!/deallocate|discard|prepare|execute/i.test(sql)) return unchanged;
    const [statement, ...others] = readStatements(sql);
    if (statement === undefined || others.length > 0) return unchanged;
    const [first, second, third] = statement.words;
    switch (first?.text) {
      case "discard":
        return second?.text === "all" ? { sql: "RESET ALL", closeFirst: this.closeAll() } : unchanged;
      case "prepare":
        if (second === undefined || second.text === "transaction") return unchanged;
        this.prepared(nameIn(second));
        return { ...unchanged, sql: this.#renamed(statement, second) };
      case "execute":
        return second === undefined ? unchanged : { ...unchanged, sql: this.#renamed(statement, second) };
      case "deallocate": {
        const word = second?.text === "prepare" ? third : second;
        if (word === undefined) return unchanged;
        // An empty DO leaves nothing, gives no rows and fails where a transaction has failed.
        if (word.text === "all") return { sql: "DO 'BEGIN END'", closeFirst: this.closeAll() };
        if (!this.#prepared.has(nameIn(word))) return unchanged;
        this.closed(nameIn(word));
        return { ...unchanged, sql: this.#renamed(statement, word) };
      }
    }
    return unchanged;
  }

  /** The statement with the database's name in the place of the connection's. */
  #renamed({ text }: Statement, word: Word): string {
    const name = this.nameOf(nameIn(word)).replaceAll('"', '""');
    return `${text.slice(0, word.start)}"${name}"${text.slice(word.end)}`;
  }
}

function nameIn({ text }: Word): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
}
