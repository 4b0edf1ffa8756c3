import type { UserError } from "../../core/errors.ts";
import type { Text } from "../../core/text.ts";
import { csvError } from "./errors.ts";

/** What a file is by its first bytes: gzip is read, the others are refused with what to do. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/** The refusal for a file whose first bytes say that it is something else than text; undefined for text. */
export function refusalFor(path: string, head: Uint8Array): UserError | undefined {
  const latin = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 4096)).toString("latin1");
  const known = KINDS.find((kind) => kind.matches(latin));
  if (known !== undefined) {
    return csvError(
      `is-${known.id}`,
      path,
      {
        es: `Esto no es un CSV: es ${known.name.es}.`,
        en: `This is not a CSV: it is ${known.name.en}.`,
      },
      [known.next],
    );
  }
  return undefined;
}

/** The refusal for bytes that are not text in any encoding. */
export function binaryError(path: string): UserError {
  return csvError(
    "binary",
    path,
    { es: "Esto no es texto: son datos binarios.", en: "This is not text: it is binary data." },
    [
      {
        es: "ábrelo con el programa que lo hizo y expórtalo como CSV",
        en: "open it with the program that made it and export it as CSV",
      },
    ],
  );
}

/** True when control bytes say that this is no text; `sample` is UTF-8 or a one-byte encoding. */
export function isBinary(sample: Uint8Array): boolean {
  let nuls = 0;
  let controls = 0;
  for (const byte of sample) {
    if (byte === 0) nuls++;
    // Tab, line ends and form feed are text; 0x01, 0x1c–0x1f serve some as delimiters.
    else if (byte < 32 && !(byte >= 9 && byte <= 13) && byte !== 1 && byte !== 26 && byte < 28) controls++;
  }
  return nuls > sample.length * 0.1 || controls > Math.max(2, sample.length * 0.01);
}

interface Kind {
  readonly id: string;
  readonly name: Text;
  readonly next: Text;
  readonly matches: (latin: string) => boolean;
}

const asCsv: Text = {
  es: "ábrelo y guárdalo como CSV (UTF-8)",
  en: "open it and save it as CSV (UTF-8)",
};
const unpack: Text = {
  es: "descomprímelo y da el fichero de dentro",
  en: "unpack it and give the file inside",
};
const startsWith = (prefix: string) => (latin: string) => latin.startsWith(prefix);

/** First match wins, so that an .xlsx is not called a zip. Signatures: the formats' own specifications. */
const KINDS: readonly Kind[] = [
  {
    id: "xlsx",
    name: { es: "una hoja de Excel (.xlsx)", en: "an Excel workbook (.xlsx)" },
    next: { es: "en Excel: Guardar como → CSV UTF-8", en: "in Excel: Save as → CSV UTF-8" },
    matches: (latin) =>
      latin.startsWith("PK\x03\x04") && (latin.includes("xl/") || latin.includes("[Content_Types].xml")),
  },
  {
    id: "ods",
    name: { es: "una hoja de LibreOffice (.ods)", en: "a LibreOffice sheet (.ods)" },
    next: asCsv,
    matches: (latin) => latin.startsWith("PK\x03\x04") && latin.includes("opendocument"),
  },
  {
    id: "zip",
    name: { es: "un archivo zip", en: "a zip archive" },
    next: unpack,
    matches: (latin) => latin.startsWith("PK\x03\x04") || latin.startsWith("PK\x05\x06"),
  },
  {
    id: "xls",
    name: { es: "un documento antiguo de Office (.xls)", en: "an old Office document (.xls)" },
    next: asCsv,
    matches: startsWith("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
  },
  {
    id: "parquet",
    name: { es: "un fichero Parquet", en: "a Parquet file" },
    next: {
      es: "conviértelo, por ejemplo en DuckDB:  COPY (FROM 'x.parquet') TO 'x.csv'",
      en: "convert it, in DuckDB for instance:  COPY (FROM 'x.parquet') TO 'x.csv'",
    },
    matches: startsWith("PAR1"),
  },
  {
    id: "sqlite",
    name: { es: "una base de datos SQLite", en: "an SQLite database" },
    next: { es: "exporta la tabla:  sqlite3 -csv -header", en: "export the table:  sqlite3 -csv -header" },
    matches: startsWith("SQLite format 3\0"),
  },
  { id: "pdf", name: { es: "un PDF", en: "a PDF" }, next: asCsv, matches: startsWith("%PDF-") },
  {
    id: "zstd",
    name: { es: "un fichero zstd", en: "a zstd file" },
    next: { es: "descomprímelo:  zstd -d", en: "unpack it:  zstd -d" },
    matches: startsWith("\x28\xb5\x2f\xfd"),
  },
  {
    id: "bzip2",
    name: { es: "un fichero bzip2", en: "a bzip2 file" },
    next: { es: "descomprímelo:  bunzip2", en: "unpack it:  bunzip2" },
    matches: (latin) => /^BZh[1-9]1AY&SY/.test(latin),
  },
  {
    id: "xz",
    name: { es: "un fichero xz", en: "an xz file" },
    next: { es: "descomprímelo:  unxz", en: "unpack it:  unxz" },
    matches: startsWith("\xfd7zXZ\0"),
  },
  {
    id: "7z",
    name: { es: "un archivo 7z", en: "a 7z archive" },
    next: unpack,
    matches: startsWith("7z\xbc\xaf\x27\x1c"),
  },
  {
    id: "rar",
    name: { es: "un archivo rar", en: "a rar archive" },
    next: unpack,
    matches: startsWith("Rar!\x1a\x07"),
  },
  {
    id: "tar",
    name: { es: "un archivo tar", en: "a tar archive" },
    next: unpack,
    matches: (latin) => latin.slice(257, 262) === "ustar",
  },
  {
    id: "avro",
    name: { es: "un fichero Avro", en: "an Avro file" },
    next: asCsv,
    matches: startsWith("Obj\x01"),
  },
  { id: "orc", name: { es: "un fichero ORC", en: "an ORC file" }, next: asCsv, matches: startsWith("ORC") },
  {
    id: "arrow",
    name: { es: "un fichero Arrow", en: "an Arrow file" },
    next: asCsv,
    matches: (latin) => latin.startsWith("ARROW1") || latin.startsWith("FEA1"),
  },
  {
    id: "image",
    name: { es: "una imagen", en: "an image" },
    next: { es: "busca el fichero de datos", en: "look for the data file" },
    matches: (latin) => /^(\x89PNG\r\n|GIF8[79]a|\xff\xd8\xff)/.test(latin),
  },
  {
    id: "html",
    name: { es: "una página web", en: "a web page" },
    next: {
      es: "la descarga dio una página (¿pide entrar?): baja el fichero desde el navegador",
      en: "the download gave a page (does it ask to log in?): get the file with a browser",
    },
    matches: (latin) => /^(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body)[\s>]/i.test(latin),
  },
  {
    id: "xml",
    name: { es: "un XML", en: "an XML file" },
    next: asCsv,
    matches: (latin) => /^(\xef\xbb\xbf)?\s*<\?xml\s/.test(latin),
  },
  {
    id: "json",
    name: { es: "un JSON", en: "a JSON file" },
    next: {
      es: "conviértelo, por ejemplo en DuckDB:  COPY (FROM 'x.json') TO 'x.csv'",
      en: "convert it, in DuckDB for instance:  COPY (FROM 'x.json') TO 'x.csv'",
    },
    matches: (latin) =>
      /^(\xef\xbb\xbf)?\s*(\[\s*)?\{\s*("[^"\n]*"\s*:|\})/.test(latin) || /^\s*\[\s*\]\s*$/.test(latin),
  },
];
