import { invalid } from "../mlflow-error.ts";

export type EntityKind = "attribute" | "metric" | "param" | "tag" | "dataset";

/** What can be asked of one kind of thing: runs, experiments, models, versions. */
export interface SearchLanguage {
  /** The entities that a name may begin with, and the words for them. */
  readonly entities: Readonly<Partial<Record<EntityKind, readonly string[]>>>;
  readonly textAttributes: readonly string[];
  readonly numberAttributes: readonly string[];
  /** Attributes that `IN (…)` works on. */
  readonly listAttributes: readonly string[];
  readonly orderAttributes: readonly string[];
  readonly orderEntities: readonly EntityKind[];
  /** Other words for attributes. */
  readonly aliases?: Readonly<Record<string, string>>;
}

const TAGS = ["tag", "tags"] as const;

/** Source of these: `mlflow/utils/search_utils.py` of MLflow 3.17. */
export const RUN_LANGUAGE: SearchLanguage = {
  entities: {
    attribute: ["attribute", "attr", "attributes", "run"],
    metric: ["metric", "metrics"],
    param: ["parameter", "parameters", "param", "params"],
    tag: TAGS,
    dataset: ["dataset", "datasets"],
  },
  textAttributes: ["run_id", "run_name", "status", "artifact_uri", "user_id"],
  numberAttributes: ["start_time", "end_time"],
  listAttributes: ["run_id"],
  orderAttributes: ["run_id", "run_name", "status", "artifact_uri", "user_id", "start_time", "end_time"],
  orderEntities: ["attribute", "metric", "param", "tag"],
  aliases: {
    created: "start_time",
    Created: "start_time",
    "run name": "run_name",
    "Run name": "run_name",
    "Run Name": "run_name",
  },
};

export const EXPERIMENT_LANGUAGE: SearchLanguage = {
  entities: { attribute: ["attribute"], tag: TAGS },
  textAttributes: ["name", "experiment_id"],
  numberAttributes: ["creation_time", "last_update_time"],
  listAttributes: ["experiment_id"],
  orderAttributes: ["name", "experiment_id", "creation_time", "last_update_time"],
  orderEntities: ["attribute"],
};

export const MODEL_LANGUAGE: SearchLanguage = {
  entities: { attribute: ["attribute"], tag: TAGS },
  textAttributes: ["name"],
  numberAttributes: [],
  listAttributes: ["name"],
  orderAttributes: ["name", "last_updated_timestamp"],
  orderEntities: ["attribute"],
  aliases: { timestamp: "last_updated_timestamp" },
};

export const VERSION_LANGUAGE: SearchLanguage = {
  entities: { attribute: ["attribute"], tag: TAGS },
  textAttributes: ["name", "run_id", "source_path"],
  numberAttributes: ["version_number"],
  listAttributes: ["name", "run_id"],
  orderAttributes: ["name", "version_number", "creation_timestamp", "last_updated_timestamp"],
  orderEntities: ["attribute"],
};

const LOGGED_MODEL_TIMES = ["creation_timestamp_ms", "last_updated_timestamp_ms"] as const;

export const LOGGED_MODEL_LANGUAGE: SearchLanguage = {
  entities: { attribute: ["attributes"], metric: ["metrics"], param: ["params"], tag: ["tags"] },
  textAttributes: ["model_id", "name", "status", "model_type", "source_run_id", "experiment_id"],
  numberAttributes: LOGGED_MODEL_TIMES,
  listAttributes: ["model_id", "name", "status", "model_type", "source_run_id"],
  orderAttributes: ["model_id", "name", "status", "model_type", "source_run_id", ...LOGGED_MODEL_TIMES],
  orderEntities: ["attribute", "metric"],
  aliases: {
    creation_time: "creation_timestamp_ms",
    creation_timestamp: "creation_timestamp_ms",
    last_updated_timestamp: "last_updated_timestamp_ms",
  },
};

export interface Field {
  readonly entity: EntityKind;
  readonly key: string;
  readonly isNumber: boolean;
}

/** Reads a name: `metrics.auc`, ``tags.`a b` ``, `start_time`. `use` says which attributes count. */
export function parseField(language: SearchLanguage, name: string, use: "filter" | "order"): Field {
  const dot = name.indexOf(".");
  const isBare = dot < 0 || name.startsWith("`");
  const word = unquote(isBare ? "attribute" : name.slice(0, dot));
  const written = isBare ? name : name.slice(dot + 1);
  const entity = entityOf(language, word);
  if (use === "order" && !language.orderEntities.includes(entity)) {
    throw invalid(`Invalid order_by entity: ${entity}`);
  }
  const plain = unquote(written);
  const key = entity === "attribute" ? (language.aliases?.[plain] ?? plain) : plain;
  if (entity === "attribute") {
    const valid =
      use === "filter"
        ? [...language.textAttributes, ...language.numberAttributes]
        : language.orderAttributes;
    if (!valid.includes(key)) {
      throw invalid(`Invalid attribute key '${plain}' specified. Valid keys are '${valid.join("', '")}'`);
    }
  }
  if (entity === "dataset" && !["name", "digest", "context"].includes(key)) {
    throw invalid(`Invalid dataset key '${key}' specified. Valid keys are 'name', 'digest', 'context'`);
  }
  const isNumber = entity === "metric" || (entity === "attribute" && isTimeOrNumber(language, key));
  return { entity, key, isNumber };
}

function isTimeOrNumber(language: SearchLanguage, key: string): boolean {
  return language.numberAttributes.includes(key) || /_timestamp$/.test(key);
}

function entityOf(language: SearchLanguage, word: string): EntityKind {
  for (const kind of ["attribute", "metric", "param", "tag", "dataset"] as const) {
    if (language.entities[kind]?.includes(word) === true || (kind === "attribute" && word === "attribute"))
      return kind;
  }
  const valid = Object.keys(language.entities).map((kind) => (kind === "param" ? "parameter" : kind));
  throw invalid(`Invalid entity type '${word}'. Valid values are '${valid.join("', '")}'`);
}

function unquote(text: string): string {
  return /^(`[^`]*`|"[^"]*"|'[^']*')$/.test(text) ? text.slice(1, -1) : text;
}
