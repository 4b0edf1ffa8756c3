import { bareSql } from "../../course/sql-text.ts";

/**
 * True when what was typed ends a statement: its last sign that is no comment is a `;` outside strings and
 * quoted names, and nothing is left open.
 */
export function isComplete(sql: string): boolean {
  // An open string or comment swallows the rest of the text, the `;` too.
  return bareSql(sql).trimEnd().endsWith(";");
}
