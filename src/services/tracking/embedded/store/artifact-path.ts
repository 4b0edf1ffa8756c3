import { invalid } from "../mlflow-error.ts";

/**
 * The segments of an artifact's path, checked so that they can be joined to a folder and never leave it. `path` is
 * decoded once, as it came in the URL or the query. Refused as MLflow refuses them: absolute paths, drives, `..` (also
 * encoded again), backslashes, `#`; and besides: `.`, control characters, and on Windows what its files can't be called.
 * An empty path is the root.
 */
export function artifactSegments(path: string): readonly string[] {
  const plain = decodedThroughout(path);
  const isUnsafe =
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    /[\\#\u0000-\u001f\u007f]/.test(plain) ||
    plain.startsWith("/") ||
    path.startsWith("/") ||
    /^[a-zA-Z]:/.test(plain) ||
    /^file:/i.test(plain) ||
    plain.split("/").some((segment) => segment === "." || segment === "..");
  if (isUnsafe) throw invalid("Invalid path");
  const segments = path.split("/").filter((segment) => segment !== "");
  for (const segment of segments) {
    if (Buffer.byteLength(segment) > MAX_NAME_BYTES) {
      throw invalid(`Invalid path: a name in it is longer than ${MAX_NAME_BYTES} bytes`);
    }
    if (process.platform === "win32" && isNoWindowsName(segment)) {
      throw invalid(`Invalid path: Windows has no file of the name '${segment}'`);
    }
  }
  return segments;
}

const MAX_NAME_BYTES = 255;

/** Decoded until nothing changes: what `%252e` would be to whoever decodes twice. */
export function decodedThroughout(path: string): string {
  let plain = path;
  // Each round shortens it: this ends.
  for (;;) {
    let next: string;
    try {
      next = decodeURIComponent(plain);
    } catch {
      return plain;
    }
    if (next === plain) return plain;
    plain = next;
  }
}

function isNoWindowsName(segment: string): boolean {
  return /[<>:"|?*]|[. ]$/.test(segment) || /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(segment);
}

/** The path below the artifacts' root that a proxied artifact URI names; undefined for another address. */
export function proxiedPath(uri: string): string | undefined {
  return /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/s.exec(uri)?.[1];
}
