import { createHash } from "node:crypto";

/**
 * The file that holds a key's object, in its bucket's folder: a flat name of ASCII that every file system keeps
 * apart. Small letters, digits, `-`, `_` and `=` stand for themselves, a dot too unless it ends the name; every other
 * byte of the key's UTF-8 is `%xx`: the slash, so that no key is a path; capitals, so that `A` and `a` are two on
 * Windows and macOS. A leading `+` keeps device names (`nul`) and dot names harmless. What would be longer than 200
 * characters is `~` and the key's SHA-256; its key then stands only in the file.
 */
export function fileNameOf(key: string): string {
  let name = "+";
  const bytes = Buffer.from(key, "utf8");
  for (const byte of bytes) name += BYTE_NAMES[byte] ?? "";
  if (name.endsWith(".")) name = `${name.slice(0, -1)}%2e`;
  return name.length <= MAX_NAME ? name : `~${createHash("sha256").update(bytes).digest("hex")}`;
}

/** The key of a file's name; `long` when only the file knows it, undefined for a file that is not an object's. */
export function keyOfFileName(name: string): string | "long" | undefined {
  if (/^~[0-9a-f]{64}$/.test(name)) return "long";
  if (!name.startsWith("+")) return undefined;
  let key: string;
  try {
    key = decodeURIComponent(name.slice(1));
  } catch {
    return undefined;
  }
  // Only the one name that the key gives: a copy by hand under another spelling is not a second object.
  return key !== "" && fileNameOf(key) === name ? key : undefined;
}

const MAX_NAME = 200;

const BYTE_NAMES: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return /[a-z0-9._=-]/.test(char) ? char : `%${byte.toString(16).padStart(2, "0")}`;
});

/**
 * A text's UTF-8 bytes as a string of one character a byte: compared by `<`, such strings are in the order of bytes,
 * which is the order of S3's listings and not that of JavaScript's own strings (U+FFFF sorts after U+1F600 there).
 */
export function toByteString(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

export function fromByteString(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
