import { S3Error } from "./s3-error.ts";

/** An element to write: its name and its text or children. */
export type XmlNode = readonly [name: string, content: string | number | boolean | readonly XmlNode[]];

/** A document of S3's namespace. Characters that XML 1.0 can't hold go as references, as S3 sends them. */
export function renderXml(root: string, content: string | readonly XmlNode[], hasNamespace = true): string {
  const namespace = hasNamespace ? ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"' : "";
  const inside = typeof content === "string" ? escapeXml(content) : content.map(render).join("");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${namespace}>${inside}</${root}>`;
}

function render([name, content]: XmlNode): string {
  if (Array.isArray(content)) return `<${name}>${content.map(render).join("")}</${name}>`;
  return `<${name}>${escapeXml(String(content))}</${name}>`;
}

function escapeXml(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys may hold control characters
  return text.replace(/[&<>"\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, (char) => {
    const named = NAMED[char];
    return named ?? `&#x${char.charCodeAt(0).toString(16)};`;
  });
}

const NAMED: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** An element that was read; namespaces and attributes are dropped, `text` is that directly inside it. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Reads a small document; anything unusual (a DTD, an open element) is S3's MalformedXML. */
export function parseXml(source: string): XmlElement {
  const open: { name: string; text: string; children: XmlElement[] }[] = [];
  let root: XmlElement | undefined;
  const token =
    /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<(\/?)([^\s<>/!?]+)([^<>]*)>|([^<]+)/gy;
  const text = source.replace(/^\ufeff/, "");
  let position = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    position = token.lastIndex;
    const [, data, slash, qualified, rest, plain] = match;
    const current = open.at(-1);
    if (data !== undefined && current !== undefined) current.text += data;
    if (plain !== undefined) {
      if (current !== undefined) current.text += unescapeXml(plain);
      else if (plain.trim() !== "") throw new S3Error("MalformedXML");
    }
    if (qualified === undefined) continue;
    const name = qualified.slice(qualified.indexOf(":") + 1);
    if (slash === "/") {
      const closed = open.pop();
      if (closed === undefined || closed.name !== name) throw new S3Error("MalformedXML");
      const parent = open.at(-1);
      if (parent !== undefined) parent.children.push(closed);
      else root = closed;
    } else {
      if (root !== undefined || open.length >= MAX_DEPTH) throw new S3Error("MalformedXML");
      const element = { name, text: "", children: [] };
      if (!(rest ?? "").endsWith("/")) open.push(element);
      else if (current !== undefined) current.children.push(element);
      else root = element;
    }
  }
  if (position !== text.length || open.length > 0 || root === undefined) throw new S3Error("MalformedXML");
  return root;
}

const MAX_DEPTH = 20;

/** The text of a child, or undefined where there is none. */
export function childText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

function unescapeXml(text: string): string {
  return text.replace(/&([^;&\s]*);?/g, (whole, entity: string) => {
    const named = ENTITIES[entity];
    if (named !== undefined && whole.endsWith(";")) return named;
    const number = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(entity);
    const code = Number.parseInt(number?.[1] ?? number?.[2] ?? "", number?.[1] === undefined ? 10 : 16);
    const isCharacter = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    if (!isCharacter || !whole.endsWith(";")) throw new S3Error("MalformedXML");
    return String.fromCodePoint(code);
  });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
