import stringWidth from "string-width";
import type { Look } from "./terminal.ts";

export interface MenuItem {
  readonly key: string;
  readonly label: string;
}

/** ` enter sigue · b atrás · q guarda y sale`, broken between items where the line ends. */
export function renderMenu(items: readonly MenuItem[], look: Look): string {
  const separator = look.isPlain ? ", " : ` ${look.colors.dim(look.isUnicode ? "·" : "|")} `;
  const separatorWidth = stringWidth(separator);
  const lines: string[] = [];
  let line = "";
  let width = 0;
  for (const item of items) {
    const text = `${look.colors.bold(item.key)} ${item.label}`;
    const textWidth = stringWidth(text);
    if (line !== "" && width + separatorWidth + textWidth > look.columns - 2) {
      lines.push(line);
      line = "";
      width = 0;
    }
    line += line === "" ? text : separator + text;
    width += (width === 0 ? 0 : separatorWidth) + textWidth;
  }
  return [...lines, line].map((part) => ` ${part}`).join("\n");
}
