/** Words of the SQL prompt. */
export const sqlPromptTexts = {
  welcome: {
    es: "Consola SQL: termina cada consulta con ;   .help ayuda · .tables tablas · Ctrl-D sale",
    en: "SQL prompt: end each query with ;   .help for help · .tables for tables · Ctrl-D leaves",
  },
  help: {
    es: [
      "una consulta ocupa las líneas que quieras y se ejecuta al llegar al ;",
      ".tables        las tablas y sus columnas      (también \\d)",
      ".tables NOMBRE las columnas de una tabla      (también \\d NOMBRE)",
      ".help          esta ayuda                     (también \\?)",
      ".quit          sale                           (también \\q y Ctrl-D)",
      "Ctrl-C para la consulta en marcha, o borra la que estás escribiendo",
      "las flechas arriba y abajo recorren lo que escribiste antes",
    ],
    en: [
      "a query takes as many lines as you like and runs at its ;",
      ".tables        the tables and their columns   (also \\d)",
      ".tables NAME   the columns of a table         (also \\d NAME)",
      ".help          this help                      (also \\?)",
      ".quit          leaves                         (also \\q and Ctrl-D)",
      "Ctrl-C stops the running query, or clears the one that you are typing",
      "the up and down arrows walk through what you typed before",
    ],
  },
  done: { es: "hecho", en: "done" },
  cancelled: { es: "Consulta parada.", en: "Query stopped." },
  cleared: { es: "(borrada; Ctrl-D sale)", en: "(cleared; Ctrl-D leaves)" },
  toLeave: { es: "(Ctrl-D o .quit para salir)", en: "(Ctrl-D or .quit to leave)" },
  unknownCommand: {
    es: (command: string) => `No conozco ${command}. .help lista lo que hay.`,
    en: (command: string) => `I don't know ${command}. .help lists what there is.`,
  },
  unknownTable: {
    es: (table: string) => `No hay ninguna tabla «${table}». .tables las lista.`,
    en: (table: string) => `There is no table "${table}". .tables lists them.`,
  },
  noTables: { es: "No hay tablas.", en: "There are no tables." },
  columns: {
    table: { es: "tabla", en: "table" },
    column: { es: "columna", en: "column" },
    type: { es: "tipo", en: "type" },
    columns: { es: "columnas", en: "columns" },
  },
  error: { es: "error", en: "error" },
  line: { es: "línea", en: "line" },
} as const;
