import stringWidth from "string-width";

/**
 * Text from outside (a cell of a CSV, a submission's error) made safe to draw on one line: control
 * characters, which could move the cursor or fake a verdict, become visible escapes (`\n`, `\x1b`), and so do
 * the invisible ones that turn the reading direction.
 */
export function oneLine(text: string): string {
  return text.replace(unsafe, escapeOf);
}

/** The same, but line ends stay and tabs become four spaces: for messages and files of several lines. */
export function manyLines(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll("\t", "    ")
    .split("\n")
    .map((line) => oneLine(line))
    .join("\n");
}

/** Cuts to `width` cells; what was cut ends in `…` (`~` without UTF-8). Expects no ANSI codes. */
export function cutTo(text: string, width: number, isUnicode: boolean): string {
  if (text.length <= width && isAscii(text)) return text;
  if (stringWidth(text) <= width) return text;
  const mark = isUnicode ? "…" : "~";
  let kept = "";
  let used = 1;
  for (const { segment } of graphemes.segment(text)) {
    const segmentWidth = stringWidth(segment);
    if (used + segmentWidth > width) break;
    kept += segment;
    used += segmentWidth;
  }
  return kept + mark;
}

/** Pads with spaces to `width` cells, ANSI codes and wide characters counted right. */
export function padTo(text: string, width: number, align: "left" | "right" | "center" = "left"): string {
  const missing = Math.max(0, width - stringWidth(text));
  if (align === "left") return text + " ".repeat(missing);
  if (align === "right") return " ".repeat(missing) + text;
  const before = Math.floor(missing / 2);
  return " ".repeat(before) + text + " ".repeat(missing - before);
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

// C0, DEL, C1, line and paragraph separators, bidirectional controls, the byte order mark.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

function escapeOf(character: string): string {
  switch (character) {
    case "\n":
      return "\\n";
    case "\r":
      return "\\r";
    case "\t":
      return "\\t";
    default: {
      const code = character.charCodeAt(0);
      return code < 0x100
        ? `\\x${code.toString(16).padStart(2, "0")}`
        : `\\u${code.toString(16).padStart(4, "0")}`;
    }
  }
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  return /^[\u0000-\u007f]*$/.test(text);
}
