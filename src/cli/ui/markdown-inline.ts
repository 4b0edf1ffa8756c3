import type { Token, Tokens } from "marked";
import type { Look } from "./terminal.ts";
import { hold } from "./wrap.ts";

/**
 * Inline Markdown (bold, emphasis, code, links, …) as one text with ANSI codes. Nesting holds everywhere:
 * bold in a list item, code in bold, a link in a table's cell.
 */
export function renderInline(tokens: readonly Token[] | undefined, look: Look): string {
  return (tokens ?? []).map((token) => renderToken(token, look)).join("");
}

/** marked's `Token` has a catch-all member, so the known kinds are named here. */
type InlineToken =
  | Tokens.Text
  | Tokens.Escape
  | Tokens.Strong
  | Tokens.Em
  | Tokens.Codespan
  | Tokens.Del
  | Tokens.Br
  | Tokens.Link
  | Tokens.Image
  | Tokens.Tag;

function renderToken(token: Token, look: Look): string {
  const { colors } = look;
  const inline = token as InlineToken;
  switch (inline.type) {
    case "strong":
      return colors.bold(renderInline(inline.tokens, look));
    case "em":
      // Without colour there is no italic: the marks keep the stress.
      return colors.level === 0
        ? `*${renderInline(inline.tokens, look)}*`
        : colors.italic(renderInline(inline.tokens, look));
    case "codespan":
      return colors.level === 0 ? `\`${holdShort(inline.text)}\`` : colors.cyan(holdShort(inline.text));
    case "del":
      return colors.strikethrough(renderInline(inline.tokens, look));
    case "br":
      return "\n";
    case "link":
      return renderLink(inline, look);
    case "image":
      return inline.text === "" ? "" : colors.dim(`[${inline.text}]`);
    case "escape":
      return inline.text;
    case "text":
      return inline.tokens === undefined
        ? joinLines(decodeEntities(inline.text))
        : renderInline(inline.tokens, look);
    default:
      // Inline HTML is shown as it was written: a lesson about data has `<id>` more often than tags.
      return token.raw;
  }
}

/** The text, and the address after it unless they are the same. */
function renderLink(link: Tokens.Link, look: Look): string {
  const text = renderInline(link.tokens, look);
  const address = link.href.replace(/^mailto:/, "");
  const shown = look.colors.underline(text);
  return link.text === address || link.text === link.href
    ? shown
    : `${shown} ${look.colors.dim(`(${address})`)}`;
}

function holdShort(code: string): string {
  return code.length <= 30 ? hold(code) : code;
}

/** A line end inside a paragraph is a space. */
function joinLines(text: string): string {
  return text.replaceAll("\n", " ");
}

function decodeEntities(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&nbsp;", "\u00a0")
    .replaceAll("&amp;", "&");
}
