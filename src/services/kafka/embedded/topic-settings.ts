import { DEFAULT_LOG_SETTINGS, type LogSettings } from "./log/log-settings.ts";

/** The types of settings in DescribeConfigs. */
export const SettingType = { boolean: 1, string: 2, int: 3, long: 5, double: 6, list: 7 } as const;

interface Setting {
  readonly type: keyof typeof SettingType;
  readonly fallback: string;
  /** Which values a whole number may have, or the words that are allowed. */
  readonly allowed?: { readonly min: number } | readonly string[];
}

/**
 * Topic settings by their Kafka names (kafka.apache.org/documentation/#topicconfigs). Those of the first group rule
 * the log; the others are kept and shown, and change nothing: one broker, no compaction, no replicas.
 */
const settings: Readonly<Record<string, Setting>> = {
  "retention.ms": { type: "long", fallback: String(DEFAULT_LOG_SETTINGS.retentionMs), allowed: { min: -1 } },
  "retention.bytes": { type: "long", fallback: "-1", allowed: { min: -1 } },
  "segment.bytes": { type: "int", fallback: String(DEFAULT_LOG_SETTINGS.segmentBytes), allowed: { min: 14 } },
  "max.message.bytes": { type: "int", fallback: "1048588", allowed: { min: 0 } },
  "message.timestamp.type": {
    type: "string",
    fallback: "CreateTime",
    allowed: ["CreateTime", "LogAppendTime"],
  },
  "message.timestamp.after.max.ms": { type: "long", fallback: "3600000", allowed: { min: 0 } },
  "cleanup.policy": {
    type: "list",
    fallback: "delete",
    allowed: ["delete", "compact", "compact,delete", "delete,compact"],
  },

  "compression.type": {
    type: "string",
    fallback: "producer",
    allowed: ["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"],
  },
  "delete.retention.ms": { type: "long", fallback: "86400000", allowed: { min: 0 } },
  "file.delete.delay.ms": { type: "long", fallback: "60000", allowed: { min: 0 } },
  "flush.messages": { type: "long", fallback: "9223372036854775807", allowed: { min: 1 } },
  "flush.ms": { type: "long", fallback: "9223372036854775807", allowed: { min: 0 } },
  "index.interval.bytes": { type: "int", fallback: "4096", allowed: { min: 0 } },
  "max.compaction.lag.ms": { type: "long", fallback: "9223372036854775807", allowed: { min: 1 } },
  "message.timestamp.before.max.ms": { type: "long", fallback: "9223372036854775807", allowed: { min: 0 } },
  "min.cleanable.dirty.ratio": { type: "double", fallback: "0.5" },
  "min.compaction.lag.ms": { type: "long", fallback: "0", allowed: { min: 0 } },
  "min.insync.replicas": { type: "int", fallback: "1", allowed: { min: 1 } },
  preallocate: { type: "boolean", fallback: "false", allowed: ["true", "false"] },
  "segment.index.bytes": { type: "int", fallback: "10485760", allowed: { min: 4 } },
  "segment.jitter.ms": { type: "long", fallback: "0", allowed: { min: 0 } },
  "segment.ms": { type: "long", fallback: "604800000", allowed: { min: 1 } },
  "unclean.leader.election.enable": { type: "boolean", fallback: "false", allowed: ["true", "false"] },
};

export type TopicConfig = Readonly<Record<string, string>>;

export const settingNames: readonly string[] = Object.keys(settings);

/** Why a setting can't be taken, or undefined when it can. */
export function refuseSetting(name: string, value: string): string | undefined {
  const setting = settings[name];
  if (setting === undefined) return `Unknown topic config name: ${name}`;
  const { allowed } = setting;
  if (allowed !== undefined && "min" in allowed) {
    const isWhole = /^-?\d+$/.test(value);
    return isWhole && Number(value) >= allowed.min
      ? undefined
      : `Invalid value ${value} for configuration ${name}: must be a whole number of at least ${allowed.min}`;
  }
  if (allowed !== undefined)
    return allowed.includes(value)
      ? undefined
      : `Invalid value ${value} for configuration ${name}: must be one of ${allowed.join(", ")}`;
  return Number.isFinite(Number(value)) && value !== ""
    ? undefined
    : `Invalid value ${value} for configuration ${name}: must be a number`;
}

/** A setting's value for a topic, with the type's code of DescribeConfigs. */
export function describeSetting(
  config: TopicConfig,
  name: string,
): { readonly value: string; readonly isDefault: boolean; readonly fallback: string; readonly type: number } {
  const setting = settings[name];
  const own = config[name];
  return {
    value: own ?? setting?.fallback ?? "",
    isDefault: own === undefined,
    fallback: setting?.fallback ?? "",
    type: SettingType[setting?.type ?? "string"],
  };
}

/** A whole number among the settings; exact up to 2^53. */
export function wholeSetting(config: TopicConfig, name: string): number {
  return Number(describeSetting(config, name).value);
}

export function logSettingsOf(config: TopicConfig): LogSettings {
  // A compacted topic keeps the last record of each key for ever; without compaction all are kept.
  const isKept = describeSetting(config, "cleanup.policy").value === "compact";
  return {
    segmentBytes: wholeSetting(config, "segment.bytes"),
    retentionBytes: isKept ? -1 : wholeSetting(config, "retention.bytes"),
    retentionMs: isKept ? -1 : wholeSetting(config, "retention.ms"),
  };
}
