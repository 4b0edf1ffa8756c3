import { Lexer, type Token, type Tokens } from "marked";
import { drawGrid, frameWidth, widest } from "./grid.ts";
import { highlight } from "./highlight.ts";
import { renderInline } from "./markdown-inline.ts";
import type { Look } from "./terminal.ts";
import { release, wrap, wrapCode } from "./wrap.ts";

/** Prose is not set wider than this: long lines are hard to read. */
const widestProse = 90;

/**
 * Markdown for the terminal: GitHub's flavour, wrapped to the look's width. Blocks are parted by one empty
 * line; the text ends without a line end.
 */
export function renderMarkdown(markdown: string, look: Look, options: { indent?: number } = {}): string {
  const margin = " ".repeat(options.indent ?? 0);
  const columns = Math.max(20, Math.min(look.columns - margin.length, widestProse));
  const lines = renderBlocks(new Lexer().lex(markdown), { ...look, columns });
  return lines.map((line) => (line === "" ? "" : margin + line)).join("\n");
}

/** One paragraph's worth of inline Markdown (a quiz's choice, a check's title), not wrapped. */
export function renderInlineMarkdown(markdown: string, look: Look): string {
  return release(renderInline(new Lexer().inlineTokens(markdown), look));
}

/** marked's `Token` has a catch-all member, so the known kinds are named here. */
type BlockToken =
  | Tokens.Heading
  | Tokens.Paragraph
  | Tokens.Text
  | Tokens.List
  | Tokens.Code
  | Tokens.Blockquote
  | Tokens.Table
  | Tokens.Hr
  | Tokens.HTML
  | Tokens.Space
  | Tokens.Def;

function renderBlocks(tokens: readonly Token[], look: Look, isTight = false): string[] {
  const lines: string[] = [];
  for (const token of tokens) {
    const block = renderBlock(token as BlockToken, look);
    if (block.length === 0) continue;
    if (lines.length > 0 && !isTight) lines.push("");
    lines.push(...block);
  }
  return lines;
}

function renderBlock(token: BlockToken, look: Look): string[] {
  const { colors, columns } = look;
  switch (token.type) {
    case "heading":
      return wrap(colors.bold(renderInline(token.tokens, look)), columns);
    case "paragraph":
    case "text":
      return wrap(renderInline(token.tokens ?? [token], look), columns);
    case "list":
      return renderList(token, look);
    case "code":
      return renderCode(token.text, token.lang?.split(/\s/)[0], look);
    case "blockquote": {
      const bar = look.isPlain ? "  " : colors.dim(look.isUnicode ? "│ " : "| ");
      return renderBlocks(token.tokens, { ...look, columns: columns - 2 }).map((line) =>
        (bar + line).trimEnd(),
      );
    }
    case "table":
      return renderMarkdownTable(token, look);
    case "hr":
      return [look.isPlain ? "" : colors.dim((look.isUnicode ? "─" : "-").repeat(columns))];
    case "html":
      return /^\s*<!--/.test(token.text) ? [] : wrap(token.text.trim(), columns);
    case "space":
    case "def":
      return [];
  }
}

/** Code, two spaces in, with colours; long lines are broken, never lost. */
export function renderCode(code: string, language: string | undefined, look: Look): string[] {
  const painted = highlight(code.replaceAll("\t", "    "), language, look.colors);
  return painted
    .split("\n")
    .flatMap((line) => wrapCode(line, Math.max(10, look.columns - 2)))
    .map((line) => `  ${line}`);
}

function renderList(list: Tokens.List, look: Look): string[] {
  const first = list.start === "" ? 1 : list.start;
  const lines: string[] = [];
  list.items.forEach((item, index) => {
    const box = item.task ? (item.checked === true ? "[x] " : "[ ] ") : "";
    const bullet = list.ordered ? `${first + index}. ` : look.isUnicode ? "• " : "- ";
    const mark = bullet + box;
    const inner = { ...look, columns: Math.max(10, look.columns - mark.length) };
    const parts = item.tokens.filter((token) => token.type !== "checkbox");
    const body = renderBlocks(parts, inner, !item.loose);
    if (item.loose && index > 0) lines.push("");
    body.forEach((line, row) => {
      lines.push(row === 0 ? mark + line : line === "" ? "" : " ".repeat(mark.length) + line);
    });
  });
  return lines;
}

/** Columns share the width by what they hold; cells wrap within theirs. */
function renderMarkdownTable(table: Tokens.Table, look: Look): string[] {
  const header = table.header.map((cell) => renderInline(cell.tokens, look));
  const rows = table.rows.map((row) => row.map((cell) => renderInline(cell.tokens, look)));
  const natural = header.map((name, index) => widest([name, ...rows.map((row) => row[index] ?? "")]));
  const widths = shareWidth(natural, look.columns - frameWidth(header.length, look));
  const wrapCells = (cells: readonly string[]): string[][] => {
    const wrapped = widths.map((width, index) => wrap(cells[index] ?? "", width));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) => wrapped.map((lines) => lines[line] ?? ""));
  };
  const [firstLine = [], ...moreLines] = wrapCells(header);
  return drawGrid({
    look,
    columns: widths.map((width, index) => ({ width, align: table.align[index] ?? "left" })),
    header: firstLine,
    rows: [
      ...moreLines.map((line) => line.map((name) => look.colors.bold(name))),
      ...rows.flatMap(wrapCells),
    ],
  });
}

/** The widest columns give way first, down to what an even share would be. */
function shareWidth(natural: readonly number[], available: number): number[] {
  const widths = natural.map((width) => Math.max(1, width));
  let excess = widths.reduce((sum, width) => sum + width, 0) - available;
  while (excess > 0) {
    const widestIndex = widths.indexOf(Math.max(...widths));
    const width = widths[widestIndex] ?? 1;
    if (width <= 4) break;
    widths[widestIndex] = width - 1;
    excess--;
  }
  return widths;
}
