import type { Text } from "../core/text.ts";

/** A command as commander declares it; the handler is imported only when it runs. */
export interface CommandSpec {
  /** `check`, `data generate`. */
  readonly name: string;
  readonly summary: Text;
  /** Commander's form: `[exercise...]`. */
  readonly arguments?: readonly { readonly form: string; readonly summary: Text }[];
  readonly options?: readonly OptionSpec[];
  /** Flags of the command's own making (a pipeline's options) are passed on unread. */
  readonly takesUnknown?: boolean;
  readonly load: () => Promise<{ readonly run: CommandHandler }>;
}

export interface OptionSpec {
  readonly flags: string;
  readonly summary: Text;
}

export type CommandHandler = (
  context: import("./context.ts").CliContext,
  input: CommandInput,
) => Promise<number>;

export interface CommandInput {
  readonly args: readonly string[];
  /** Camel-cased; a flag without value is true, a repeated one a list. */
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

const exerciseArg = {
  form: "[exercise]",
  summary: { es: "el ejercicio: 01/clean, clean…", en: "the exercise: 01/clean, clean…" },
};

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: "lesson",
    summary: { es: "recorre una lección paso a paso", en: "step through a lesson" },
    arguments: [{ form: "[module]", summary: { es: "el módulo: 01, etl…", en: "the module: 01, etl…" } }],
    options: [
      { flags: "--step <id>", summary: { es: "solo este paso", en: "this step only" } },
      { flags: "--from <id>", summary: { es: "empieza en este paso", en: "start at this step" } },
      { flags: "--list", summary: { es: "los pasos de la lección", en: "the lesson's steps" } },
    ],
    load: () => import("./commands/lesson.ts"),
  },
  {
    name: "check",
    summary: { es: "corrige ejercicios", en: "grade exercises" },
    arguments: [
      {
        form: "[exercises...]",
        summary: {
          es: "ejercicios; sin nada, el que tienes a medias",
          en: "exercises; none: the one you are on",
        },
      },
    ],
    options: [
      { flags: "--all", summary: { es: "todos los que has empezado", en: "all that you have begun" } },
      {
        flags: "--file <path...>",
        summary: { es: "corrige estos ficheros donde están", en: "grade these files where they lie" },
      },
      {
        flags: "--submissions <dir>",
        summary: { es: "con --all: una carpeta por alumno", en: "with --all: a folder per student" },
      },
      {
        flags: "--csv",
        summary: {
          es: "con --submissions: una línea por alumno y ejercicio",
          en: "with --submissions: a line per student and exercise",
        },
      },
    ],
    load: () => import("./commands/check.ts"),
  },
  {
    name: "watch",
    summary: { es: "corrige cada vez que guardas", en: "grade on every save" },
    arguments: [exerciseArg],
    load: () => import("./commands/watch.ts"),
  },
  {
    name: "list",
    summary: { es: "módulos y ejercicios, con su estado", en: "modules and exercises, with their state" },
    options: [
      { flags: "--module <id>", summary: { es: "solo este módulo", en: "this module only" } },
      {
        flags: "--state <state>",
        summary: { es: "untouched, started, passed…", en: "untouched, started, passed…" },
      },
      {
        flags: "--level <level>",
        summary: { es: "beginner, intermediate, advanced", en: "beginner, intermediate, advanced" },
      },
      { flags: "--path <id>", summary: { es: "los módulos de un recorrido", en: "the modules of a path" } },
    ],
    load: () => import("./commands/list.ts"),
  },
  {
    name: "next",
    summary: { es: "qué toca ahora", en: "what comes next" },
    load: () => import("./commands/next.ts"),
  },
  {
    name: "hint",
    summary: { es: "una pista más (hay tres)", en: "one more hint (there are three)" },
    arguments: [exerciseArg],
    load: () => import("./commands/hint.ts"),
  },
  {
    name: "solution",
    summary: {
      es: "la solución: tras pasar, o si confirmas",
      en: "the solution: after a pass, or if you confirm",
    },
    arguments: [exerciseArg],
    options: [{ flags: "--yes", summary: { es: "sin preguntar", en: "without asking" } }],
    load: () => import("./commands/solution.ts"),
  },
  {
    name: "diff",
    summary: { es: "lo tuyo frente a la solución", en: "yours against the solution" },
    arguments: [exerciseArg],
    options: [{ flags: "--yes", summary: { es: "sin preguntar", en: "without asking" } }],
    load: () => import("./commands/diff.ts"),
  },
  {
    name: "reset",
    summary: {
      es: "vuelve al fichero de partida (guarda copia)",
      en: "back to the starting file (keeps a backup)",
    },
    arguments: [exerciseArg],
    options: [{ flags: "--undo", summary: { es: "recupera lo que tenías", en: "bring back what you had" } }],
    load: () => import("./commands/reset.ts"),
  },
  {
    name: "progress",
    summary: { es: "tu progreso; export, import, merge", en: "your progress; export, import, merge" },
    arguments: [
      { form: "[action]", summary: { es: "export, import o merge", en: "export, import or merge" } },
      { form: "[file]", summary: { es: "el fichero", en: "the file" } },
    ],
    load: () => import("./commands/progress.ts"),
  },
  {
    name: "data",
    summary: { es: "datos: generate, list, describe, clean", en: "data: generate, list, describe, clean" },
    arguments: [
      {
        form: "[action]",
        summary: { es: "generate, list, describe o clean", en: "generate, list, describe or clean" },
      },
      { form: "[dataset]", summary: { es: "leads, flights…", en: "leads, flights…" } },
    ],
    options: [
      { flags: "--rows <n>", summary: { es: "cuántas filas", en: "how many rows" } },
      { flags: "--seed <n>", summary: { es: "la semilla", en: "the seed" } },
      { flags: "--variant <name>", summary: { es: "noise, leaky…", en: "noise, leaky…" } },
      { flags: "--threads <n>", summary: { es: "hilos", en: "threads" } },
    ],
    load: () => import("./commands/data.ts"),
  },
  {
    name: "sql",
    summary: {
      es: "una consola SQL sobre las tablas de un módulo o de un ejercicio",
      en: "a SQL prompt on the tables of a module or an exercise",
    },
    arguments: [{ form: "[module]", summary: { es: "01, etl, 01/clean…", en: "01, etl, 01/clean…" } }],
    options: [
      { flags: "-c, --command <sql>", summary: { es: "una consulta y fuera", en: "one query and out" } },
    ],
    load: () => import("./commands/sql.ts"),
  },
  {
    name: "run",
    summary: { es: "ejecuta el pipeline de un módulo", en: "run a module's pipeline" },
    arguments: [
      {
        form: "[pipeline]",
        summary: {
          es: "etl…; --help tras él da sus opciones",
          en: "etl…; --help after it lists its options",
        },
      },
    ],
    takesUnknown: true,
    load: () => import("./commands/run.ts"),
  },
  {
    name: "services",
    summary: {
      es: "Kafka, S3, PostgreSQL y MLflow incluidos, para cualquier cliente",
      en: "the included Kafka, S3, PostgreSQL and MLflow, for any client",
    },
    arguments: [
      { form: "[status]", summary: { es: "status: qué está en marcha", en: "status: what is running" } },
    ],
    options: [
      {
        flags: "--only <names>",
        summary: {
          es: "solo estos: kafka,s3,postgres,tracking",
          en: "these only: kafka,s3,postgres,tracking",
        },
      },
      {
        flags: "--kafka-port <n>",
        summary: { es: "un puerto fijo para Kafka", en: "a fixed port for Kafka" },
      },
      { flags: "--s3-port <n>", summary: { es: "un puerto fijo para S3", en: "a fixed port for S3" } },
      {
        flags: "--postgres-port <n>",
        summary: { es: "un puerto fijo para PostgreSQL", en: "a fixed port for PostgreSQL" },
      },
      {
        flags: "--tracking-port <n>",
        summary: { es: "un puerto fijo para MLflow", en: "a fixed port for MLflow" },
      },
    ],
    load: () => import("./commands/services.ts"),
  },
  {
    name: "runs",
    summary: {
      es: "las ejecuciones registradas en MLflow: lista, compare, chart",
      en: "the runs logged to MLflow: list, compare, chart",
    },
    arguments: [
      {
        form: "[what...]",
        summary: {
          es: "un experimento; compare ID ID; chart MÉTRICA",
          en: "an experiment; compare ID ID; chart METRIC",
        },
      },
    ],
    options: [
      {
        flags: "--experiment <name>",
        summary: { es: "solo este experimento", en: "this experiment only" },
      },
      {
        flags: "--filter <text>",
        summary: { es: "por ejemplo: metrics.auc > 0.8", en: "for example: metrics.auc > 0.8" },
      },
      {
        flags: "--order <text...>",
        summary: { es: "por ejemplo: 'metrics.auc DESC'", en: "for example: 'metrics.auc DESC'" },
      },
      {
        flags: "--run <id...>",
        summary: { es: "con chart: estas ejecuciones", en: "with chart: these runs" },
      },
      { flags: "--max <n>", summary: { es: "cuántas, como mucho", en: "how many at most" } },
    ],
    load: () => import("./commands/runs.ts"),
  },
  {
    name: "doctor",
    summary: {
      es: "qué funciona aquí y cómo arreglar lo que no",
      en: "what works here, and how to fix what does not",
    },
    arguments: [
      { form: "[what...]", summary: { es: "solo esto: kafka, disk…", en: "this only: kafka, disk…" } },
    ],
    load: () => import("./commands/doctor.ts"),
  },
  {
    name: "bench",
    summary: { es: "mide (en un clon del repositorio)", en: "measure (in a clone of the repository)" },
    arguments: [{ form: "[name]", summary: { es: "qué medir", en: "what to measure" } }],
    takesUnknown: true,
    load: () => import("./commands/bench.ts"),
  },
  {
    name: "dev",
    summary: { es: "para autores: new, check, vectors", en: "for authors: new, check, vectors" },
    arguments: [
      { form: "<action>", summary: { es: "new, check o vectors", en: "new, check or vectors" } },
      {
        form: "[names...]",
        summary: { es: "09-tema; ejercicios; o ficheros", en: "09-topic; exercises; or files" },
      },
    ],
    load: () => import("./commands/dev.ts"),
  },
];

export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: "--lang <es|en>", summary: { es: "idioma", en: "language" } },
  { flags: "--workspace <dir>", summary: { es: "tu carpeta de trabajo", en: "your working folder" } },
  { flags: "--course <dir>", summary: { es: "otro curso", en: "another course" } },
  {
    flags: "--plain",
    summary: {
      es: "sin redibujar ni color: para lectores de pantalla",
      en: "no redraw, no colour: for screen readers",
    },
  },
  { flags: "--json", summary: { es: "el resultado en JSON", en: "the result as JSON" } },
  { flags: "--debug", summary: { es: "la traza de un error", en: "an error's stack" } },
];
