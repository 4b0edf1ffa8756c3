import { Partitioners } from "kafkajs";
import { definePipeline, eventsLedgerOf, fieldsOf, numberText, tableFromRows } from "taller/author";
import { z } from "zod";
import { connected, createTopic, kafkaClient } from "./producer/client.ts";
import { type Sent, sendEvents } from "./producer/send.ts";
import { openStream } from "./producer/stream.ts";

const share = z.coerce.number().min(0).max(1);

const options = z.object({
  mode: z
    .enum(["continuous", "batch"])
    .default("continuous")
    .describe("en vivo, o de golpe lo atrasado | live, or a backlog all at once"),
  rate: z.coerce.number().positive().default(1_000).describe("mensajes por segundo | messages per second"),
  burst: z.coerce
    .number()
    .min(1)
    .default(1)
    .describe("cuántas veces el ritmo en cada ráfaga; 1, sin ráfagas | times the rate in a burst; 1: none"),
  total: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe(
      "mensajes; sin él, hasta Ctrl-C (batch: 100000) | messages; without, until Ctrl-C (batch: 100000)",
    ),
  outOfOrder: share
    .default(0.1)
    .describe("parte que llega después de eventos posteriores | share that arrives after later events"),
  maxLag: z.coerce
    .number()
    .positive()
    .default(60)
    .describe("el mayor retraso, en segundos | the longest delay, in seconds"),
  duplicates: share.default(0.02).describe("parte de mensajes repetidos | share of repeated messages"),
  malformed: share.default(0.01).describe("parte de mensajes rotos | share of broken messages"),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .default(7)
    .describe("semilla, la misma que la de los leads | seed, the same as that of the leads"),
  keys: z.coerce.number().int().min(1).default(10_000).describe("leads distintos | different leads"),
  from: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe("primer mensaje, para seguir una corriente | first message, to go on with a stream"),
  start: z
    .string()
    .optional()
    .describe(
      "cuándo empieza la corriente, ISO (en vivo: ahora; batch: 2025-01-01) | when the stream begins, ISO (live: now; batch: 2025-01-01)",
    ),
  topic: z.string().default("taller.lead-events").describe("tema de Kafka | Kafka topic"),
  partitions: z.coerce
    .number()
    .int()
    .min(1)
    .default(4)
    .describe("particiones, si el tema es nuevo | partitions, if the topic is new"),
});

export default definePipeline({
  id: "producer",
  title: { es: "Productor: los eventos de los leads, a Kafka", en: "Producer: the leads' events, to Kafka" },
  options,
  reads: [],
  writes: [],
  services: ["kafka"],
  start: async ({ options, openService, clock }) => {
    const isLive = options.mode === "continuous";
    const { brokers } = await openService("kafka");
    const total = options.total ?? (isLive ? undefined : 100_000);
    return {
      isLive,
      brokers,
      kafka: kafkaClient(brokers, "taller-producer"),
      // A backlog has the times of its seed; what is live happens now.
      stream: openStream(options, isLive && options.start === undefined ? clock.now() : undefined),
      to: total === undefined ? undefined : options.from + total,
      isNewTopic: false,
      sent: undefined as Sent | undefined,
    };
  },
  steps: [
    {
      id: "topic",
      title: { es: "Crea el tema, si falta", en: "Make the topic, if it is missing" },
      run: async ({ state, options }) => {
        state.isNewTopic = await connected(state.kafka.admin(), state.brokers, (admin) =>
          createTopic(admin, options.topic, options.partitions),
        );
      },
    },
    {
      id: "send",
      title: { es: "Envía los eventos", en: "Send the events" },
      run: async ({ state, options, clock, signal, emit }) => {
        const task = { es: `envío a ${options.topic}`, en: `sending to ${options.topic}` };
        const total = state.to === undefined ? undefined : state.to - options.from;
        // Idempotent: a message that is sent again after a lost answer is stored once.
        const producer = state.kafka.producer({
          idempotent: true,
          createPartitioner: Partitioners.DefaultPartitioner,
        });
        state.sent = await connected(producer, state.brokers, () =>
          sendEvents({
            ...state,
            producer,
            topic: options.topic,
            from: options.from,
            clock,
            signal,
            onSent: (done) => emit({ kind: "progress", task, done, total, unit: "messages" }),
          }),
        );
        const { totals, seconds, next } = state.sent;
        const rate = numberText(Math.round(totals.messages / Math.max(seconds, 0.001)));
        emit({
          kind: "table",
          title: {
            es: `Enviado a ${options.topic}: ${rate.es} mensajes/s`,
            en: `Sent to ${options.topic}: ${rate.en} messages/s`,
          },
          table: tableFromRows(
            fieldsOf({
              messages: { kind: "int64" },
              events: { kind: "int64" },
              out_of_order: { kind: "int64" },
              duplicates: { kind: "int64" },
              malformed: { kind: "int64" },
              megabytes: { kind: "float64" },
            }),
            [
              {
                messages: totals.messages,
                events: totals.events,
                out_of_order: totals.delayed[0] ?? 0,
                duplicates: totals.duplicates,
                malformed: totals.messages - totals.events - totals.duplicates,
                megabytes: Math.round(totals.sizeBytes / 1e4) / 100,
              },
            ],
          ),
          label: "measured",
        });
        emit({
          kind: "note",
          text: {
            es: `Para seguir donde lo dejas:   taller run producer --from ${next} --seed ${options.seed}`,
            en: `To go on where you stop:   taller run producer --from ${next} --seed ${options.seed}`,
          },
        });
      },
    },
  ],
  report: ({ state, options }) => {
    const { sent, stream } = state;
    if (sent === undefined) return { rows: {} };
    const ledger = eventsLedgerOf(stream.settings, options.from, sent.totals);
    const { messages, events, duplicates, malformed } = ledger;
    return {
      rows: { produced: messages, events, duplicates, malformed },
      topic: options.topic,
      next: sent.next,
      messagesPerSecond: Math.round(messages / Math.max(sent.seconds, 0.001)),
      ledger,
    };
  },
});
