import type { RunStatus } from "../../services/tracking/client.ts";

/** Words of `taller runs`. */
export const runTexts = {
  columns: {
    es: {
      run: "ejecución",
      id: "id",
      experiment: "experimento",
      status: "estado",
      started: "inicio",
      seconds: "segundos",
    },
    en: {
      run: "run",
      id: "id",
      experiment: "experiment",
      status: "status",
      started: "started",
      seconds: "seconds",
    },
  },
  statuses: {
    RUNNING: { es: "en marcha", en: "running" },
    SCHEDULED: { es: "en espera", en: "scheduled" },
    FINISHED: { es: "terminada", en: "finished" },
    FAILED: { es: "FALLIDA", en: "FAILED" },
    KILLED: { es: "parada", en: "killed" },
  } satisfies Record<RunStatus, { es: string; en: string }>,
  compare: {
    es: { what: "qué", param: "parámetro", metric: "métrica", difference: "diferencia" },
    en: { what: "what", param: "param", metric: "metric", difference: "difference" },
  },
  none: {
    es: "Aún no hay ninguna ejecución registrada.",
    en: "No run has been logged yet.",
  },
  noneMatches: {
    es: "Ninguna ejecución cumple ese filtro.",
    en: "No run matches that filter.",
  },
  more: {
    es: (shown: number) => `Hay más: aquí van las ${shown} últimas. Con --max salen más.`,
    en: (shown: number) => `There are more: these are the last ${shown}. --max shows more.`,
  },
  onlyTaller: {
    es: "Solo los experimentos de taller/; otro, por su nombre:  taller runs NOMBRE",
    en: "Only the experiments under taller/; another, by its name:  taller runs NAME",
  },
  someRuns: {
    es: (shown: number, all: number) => `${all} ejecuciones tienen esta métrica; aquí, las ${shown} últimas.`,
    en: (shown: number, all: number) => `${all} runs have this metric; here, the last ${shown}.`,
  },
  step: { es: "paso", en: "step" },
  looking: { es: "Leyendo las ejecuciones", en: "Reading the runs" },
  hints: {
    es: ["taller runs compare ID ID", "taller runs chart MÉTRICA"],
    en: ["taller runs compare ID ID", "taller runs chart METRIC"],
  },
} as const;
