import type { ChalkInstance } from "chalk";
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import yaml from "highlight.js/lib/languages/yaml";

hljs.registerLanguage("bash", bash);
hljs.registerLanguage("dockerfile", dockerfile);
hljs.registerLanguage("json", json);
hljs.registerLanguage("python", python);
hljs.registerLanguage("sql", sql);
hljs.registerLanguage("typescript", typescript);
hljs.registerLanguage("yaml", yaml);

/** Code with colours. A language that we don't know, or colours off: the code as it is. */
export function highlight(code: string, language: string | undefined, colors: ChalkInstance): string {
  if (colors.level === 0 || language === undefined || hljs.getLanguage(language) === undefined) return code;
  return paint(hljs.highlight(code, { language, ignoreIllegals: true }).value, colors);
}

/** The language of a file, by its name; undefined for plain text. */
export function languageOf(file: string): string | undefined {
  const name = file.split(/[\\/]/).at(-1)?.toLowerCase() ?? "";
  if (name.startsWith("dockerfile")) return "dockerfile";
  return byExtension[name.split(".").at(-1) ?? ""];
}

const byExtension: Readonly<Record<string, string>> = {
  sql: "sql",
  ts: "typescript",
  mts: "typescript",
  js: "typescript",
  mjs: "typescript",
  yaml: "yaml",
  yml: "yaml",
  py: "python",
  json: "json",
  sh: "bash",
};

/**
 * highlight.js gives HTML: `<span class="hljs-keyword">`, nested, with five entities. The innermost class that
 * has a colour paints the text.
 */
function paint(html: string, colors: ChalkInstance): string {
  const styles = stylesOf(colors);
  const open: (string | undefined)[] = [];
  let painted = "";
  for (const [piece, tagClass] of html.matchAll(/<span class="([^"]*)">|<\/span>|[^<]+/g)) {
    if (tagClass !== undefined) open.push(scopeOf(tagClass));
    else if (piece === "</span>") open.pop();
    else {
      const scope = open.findLast((name) => name !== undefined && styles[name] !== undefined);
      painted += paintLines(decode(piece), scope === undefined ? undefined : styles[scope]);
    }
  }
  return painted;
}

type Style = (text: string) => string;

function stylesOf(colors: ChalkInstance): Readonly<Record<string, Style>> {
  return {
    keyword: colors.blue,
    built_in: colors.cyan,
    type: colors.cyan,
    literal: colors.magenta,
    number: colors.magenta,
    string: colors.green,
    regexp: colors.green,
    symbol: colors.green,
    comment: colors.dim,
    doctag: colors.dim,
    meta: colors.dim,
    attr: colors.cyan,
    attribute: colors.cyan,
    title: colors.yellow,
    variable: colors.yellow,
  };
}

/** `hljs-title function_` → `title`. */
function scopeOf(tagClass: string): string {
  return tagClass.replace(/^hljs-/, "").split(/[ .]/)[0] ?? "";
}

/** Each line on its own, so that a colour never runs into what is drawn beside the line. */
function paintLines(text: string, style: Style | undefined): string {
  if (style === undefined) return text;
  return text
    .split("\n")
    .map((line) => (line === "" ? "" : style(line)))
    .join("\n");
}

function decode(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&amp;", "&");
}
