import { diskError } from "../../core/atomic-file.ts";
import { systemCode, UserError } from "../../core/errors.ts";
import type { Text } from "../../core/text.ts";

/** A file that can't be read as CSV, in words. */
export function csvError(code: string, where: string, what: Text, next: readonly Text[] = []): UserError {
  return new UserError({ fault: "data", code: `csv-${code}`, what, where, next });
}

/** Turns what the system says of a file into words; passes anything else on. */
export function readError(error: unknown, path: string): unknown {
  switch (systemCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return csvError("missing", path, { es: "No encuentro este fichero.", en: "I can't find this file." }, [
        { es: "comprueba el nombre y la carpeta", en: "check the name and the folder" },
      ]);
    case "EISDIR":
      return folderError(path);
    case "EACCES":
    case "EPERM":
      return new UserError({
        fault: "environment",
        code: "csv-unreadable",
        what: {
          es: "No tengo permiso para leer este fichero.",
          en: "I have no permission to read this file.",
        },
        where: path,
        next: [
          { es: "dale permiso de lectura, o copia el fichero", en: "give it read permission, or copy it" },
        ],
        cause: error,
      });
    case "EIO":
    case "EBUSY":
    case "ENXIO":
      return new UserError({
        fault: "environment",
        code: "csv-unreadable",
        what: {
          es: "El sistema no deja leer este fichero.",
          en: "The system does not let me read this file.",
        },
        where: path,
        cause: error,
      });
    case "ENAMETOOLONG":
    case "ELOOP":
    case "ERR_INVALID_ARG_VALUE":
      return csvError("missing", path.slice(0, 200), {
        es: "El sistema no acepta este nombre de fichero.",
        en: "The system does not accept this file name.",
      });
    default:
      return diskError(error, path);
  }
}

export function folderError(path: string): UserError {
  return csvError(
    "folder",
    path,
    { es: "Esto es una carpeta, no un fichero CSV.", en: "This is a folder, not a CSV file." },
    [{ es: "nombra un fichero de dentro", en: "name a file in it" }],
  );
}

export function notAFileError(path: string): UserError {
  return csvError(
    "not-a-file",
    path,
    {
      es: "Esto no es un fichero normal: hace falta leerlo dos veces.",
      en: "This is not a regular file: it has to be read twice.",
    },
    [{ es: "guarda antes los datos en un fichero", en: "save the data to a file first" }],
  );
}

export function emptyError(path: string): UserError {
  return csvError("empty", path, {
    es: "El fichero está vacío: no hay ni cabecera ni filas.",
    en: "The file is empty: there is neither a header nor a row.",
  });
}

export function tooWideError(path: string, columns: number): UserError {
  return csvError(
    "too-wide",
    path,
    {
      es: `Tiene ${columns} columnas: demasiadas para una tabla. ¿Es el delimitador el que parece?`,
      en: `It has ${columns} columns: too many for a table. Is the delimiter what it seems?`,
    },
    [{ es: "pon filas donde hay columnas (formato largo)", en: "turn columns into rows (long format)" }],
  );
}

export function damagedGzipError(path: string, cause: unknown): UserError {
  return new UserError({
    fault: "data",
    code: "csv-gzip-damaged",
    what: {
      es: "El gzip está cortado o dañado: no se puede leer hasta el final, y no doy por buena una parte.",
      en: "The gzip is cut short or damaged: it can't be read to its end, and I don't take a part for the whole.",
    },
    where: path,
    next: [{ es: "descárgalo o cópialo otra vez", en: "download or copy it again" }],
    cause,
  });
}
