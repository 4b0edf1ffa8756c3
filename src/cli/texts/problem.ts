/** Why a submission gave nothing to judge, and what to do; the place in the file stands before these. */
export const problemTexts = {
  "missing-file": {
    es: (file: string) => `No encuentro ${file}.`,
    en: (file: string) => `I can't find ${file}.`,
  },
  "not-text": {
    es: (file: string) => `${file} no es un texto en UTF-8. Guárdalo como UTF-8.`,
    en: (file: string) => `${file} is no UTF-8 text. Save it as UTF-8.`,
  },
  syntax: {
    es: "No se entiende lo que está escrito aquí:",
    en: "What is written here can't be parsed:",
  },
  sql: {
    es: "La consulta no funciona. Dice el motor:",
    en: "The query does not run. The engine says:",
  },
  "missing-result": {
    es: (result: string, found: string) =>
      `Se pide la vista ${result}, y el fichero no la deja. ${found === "" ? "No deja ninguna." : `Deja: ${found}.`}`,
    en: (result: string, found: string) =>
      `The view ${result} is asked for, and the file does not leave it. ${found === "" ? "It leaves none." : `It leaves: ${found}.`}`,
  },
  "missing-export": {
    es: (name: string, found: string) =>
      `El fichero tiene que exportar ${name}. ${found === "" ? "No exporta nada." : `Exporta: ${found}.`}`,
    en: (name: string, found: string) =>
      `The file must export ${name}. ${found === "" ? "It exports nothing." : `It exports: ${found}.`}`,
  },
  threw: {
    es: "Tu código lanzó un error:",
    en: "Your code threw an error:",
  },
  refused: {
    es: (what: string) => `Al corregir no se permite ${what}`,
    en: (what: string) => `Grading does not allow ${what}`,
  },
  "time-limit": {
    es: (limit: string) =>
      `Pasó de ${limit} sin terminar. ¿Hay un bucle que no acaba, o un \`await\` que nunca llega?`,
    en: (limit: string) =>
      `It ran for more than ${limit}. Is there a loop without an end, or an \`await\` that never comes?`,
  },
  "memory-limit": {
    es: (limit: string) => `Pasó de ${limit} de memoria. ¿Guarda todo cuando bastaría ir fila a fila?`,
    en: (limit: string) =>
      `It used more than ${limit} of memory. Does it keep everything where row by row would do?`,
  },
  "disk-limit": {
    es: (limit: string) => `Escribió más de ${limit} en disco.`,
    en: (limit: string) => `It wrote more than ${limit} to disk.`,
  },
  "output-limit": {
    es: (limit: string) =>
      `Escribió más de ${limit} por pantalla. ¿Queda un \`console.log\` dentro de un bucle?`,
    en: (limit: string) => `It printed more than ${limit}. Is there a \`console.log\` left in a loop?`,
  },
  "ended-early": {
    es: (how: string) => `El proceso acabó antes de responder (${how}). ¿Llama a \`process.exit\`?`,
    en: (how: string) => `The process ended before it answered (${how}). Does it call \`process.exit\`?`,
  },
  exitCode: { es: (code: number) => `código ${code}`, en: (code: number) => `code ${code}` },
  signal: { es: (signal: string) => `señal ${signal}`, en: (signal: string) => `signal ${signal}` },
  "not-data": {
    es: "Lo que devuelve no se puede comparar: tienen que ser tablas, números, textos, listas u objetos simples.",
    en: "What it returns can't be compared: it must be tables, numbers, texts, lists or plain objects.",
  },
  place: {
    es: (file: string, line: number, column: number | undefined) =>
      `${file}, línea ${line}${column === undefined ? "" : `, columna ${column}`}`,
    en: (file: string, line: number, column: number | undefined) =>
      `${file}, line ${line}${column === undefined ? "" : `, column ${column}`}`,
  },
  /** What the sandbox refuses, by the verdict's word for it. */
  refusals: {
    read: { es: "leer fuera de tu carpeta", en: "reading outside your folder" },
    write: { es: "escribir fuera de tu carpeta", en: "writing outside your folder" },
    network: { es: "usar la red", en: "using the network" },
    "child-process": { es: "arrancar otros procesos", en: "starting other processes" },
    worker: { es: "usar hilos", en: "using worker threads" },
    addon: { es: "cargar código nativo", en: "loading native code" },
    kill: { es: "enviar señales a procesos", en: "sending signals to processes" },
    sql: { es: "esta orden SQL", en: "this SQL statement" },
    import: { es: "importar esto", en: "importing this" },
    process: { es: "esto", en: "this" },
    channel: {
      es: "escribir en el canal por el que se corrige",
      en: "writing to the channel that grading uses",
    },
  },
} as const;
