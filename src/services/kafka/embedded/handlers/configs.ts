import type { Apis } from "../../protocol/apis.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import { type Broker, NODE_ID } from "../broker.ts";
import {
  describeSetting,
  refuseSetting,
  SettingType,
  settingNames,
  type TopicConfig,
} from "../topic-settings.ts";
import type { Handler } from "./handler.ts";

// Kinds of resources, sources of a setting and operations, as DescribeConfigs and IncrementalAlterConfigs number them.
const TOPIC = 2;
const BROKER = 4;
const FROM_TOPIC = 1;
const FROM_STATIC = 4;
const FROM_DEFAULT = 5;
const SET = 0;
const DELETE = 1;

interface Outcome {
  readonly errorCode: number;
  readonly errorMessage?: string;
}

/** Settings of a topic as DescribeConfigs shows them: all, or those that are named. */
export function shownConfigs(config: TopicConfig, names: readonly string[] | null) {
  return settingNames
    .filter((name) => names === null || names.includes(name))
    .map((name) => {
      const { value, isDefault, fallback, type } = describeSetting(config, name);
      const synonyms = [{ name: `log.${name}`, value: fallback, source: FROM_DEFAULT }];
      return {
        name,
        value,
        isReadOnly: false,
        source: isDefault ? FROM_DEFAULT : FROM_TOPIC,
        isSensitive: false,
        synonyms: isDefault ? synonyms : [{ name, value, source: FROM_TOPIC }, ...synonyms],
        type,
      };
    });
}

export const describeConfigs: Handler<Apis["describeConfigs"]> = (request, { broker }) => ({
  resources: request.resources.map(({ type, name, keys }) => {
    const none = { type, name, configs: [] };
    if (type === BROKER) {
      if (name !== "" && name !== String(NODE_ID))
        return { ...none, ...failed(ErrorCode.invalidRequest, `there is one broker, ${NODE_ID}`) };
      const shown = brokerConfigs(broker).filter((one) => keys === null || keys.includes(one.name));
      return { type, name, errorCode: ErrorCode.none, configs: shown };
    }
    if (type !== TOPIC)
      return { ...none, ...failed(ErrorCode.invalidRequest, `no settings of kind ${type}`) };
    const topic = broker.topics.get(name);
    if (topic === undefined) return { ...none, errorCode: ErrorCode.unknownTopicOrPartition };
    const configs = shownConfigs(topic.config, keys).map((one) =>
      request.includeSynonyms ? one : { ...one, synonyms: [] },
    );
    return { type, name, errorCode: ErrorCode.none, configs };
  }),
});

export const alterConfigs: Handler<Apis["alterConfigs"]> = (request, { broker }) => ({
  resources: request.resources.map(({ type, name, configs }) => ({
    type,
    name,
    ...alter(broker, { type, name, isDry: request.validateOnly }, () =>
      Object.fromEntries(
        configs
          .filter(({ value }) => value !== null)
          .map(({ name: setting, value }) => [setting, value ?? ""]),
      ),
    ),
  })),
});

export const incrementalAlterConfigs: Handler<Apis["incrementalAlterConfigs"]> = (request, { broker }) => ({
  resources: request.resources.map(({ type, name, configs }) => ({
    type,
    name,
    ...(configs.some(({ operation }) => operation !== SET && operation !== DELETE)
      ? failed(ErrorCode.invalidConfig, "values can be set and deleted, not appended or subtracted")
      : alter(broker, { type, name, isDry: request.validateOnly }, (config) => {
          const changed = new Map(Object.entries(config));
          for (const { name: setting, operation, value } of configs)
            if (operation === DELETE) changed.delete(setting);
            else changed.set(setting, value ?? "");
          return Object.fromEntries(changed);
        })),
  })),
});

function alter(
  broker: Broker,
  resource: { readonly type: number; readonly name: string; readonly isDry: boolean },
  change: (config: TopicConfig) => TopicConfig,
): Outcome {
  if (resource.type !== TOPIC)
    return failed(ErrorCode.invalidRequest, "only the settings of topics can be changed");
  const topic = broker.topics.get(resource.name);
  if (topic === undefined) return { errorCode: ErrorCode.unknownTopicOrPartition };
  const changed = change(topic.config);
  for (const [name, value] of Object.entries(changed)) {
    const why = refuseSetting(name, value);
    if (why !== undefined) return failed(ErrorCode.invalidConfig, why);
  }
  if (!resource.isDry) broker.topics.configure(topic, changed);
  return { errorCode: ErrorCode.none };
}

function brokerConfigs(broker: Broker) {
  const values: readonly [string, string, number][] = [
    ["auto.create.topics.enable", String(broker.createsTopics), SettingType.boolean],
    ["broker.id", String(NODE_ID), SettingType.int],
    ["num.partitions", String(broker.defaultPartitions), SettingType.int],
    ["default.replication.factor", "1", SettingType.int],
    ["group.min.session.timeout.ms", String(broker.minSessionTimeoutMs), SettingType.int],
  ];
  return values.map(([name, value, type]) => ({
    name,
    value,
    isReadOnly: true,
    source: FROM_STATIC,
    isSensitive: false,
    type,
  }));
}

function failed(errorCode: number, errorMessage: string): Outcome {
  return { errorCode, errorMessage };
}
