import { type Fault, UserError } from "../../../core/errors.ts";
import { type Text, verbatim } from "../../../core/text.ts";
import { ErrorCode, errorName } from "../protocol/errors.ts";

/** No broker answers at the address. */
export function unreachable(brokers: string, cause: unknown): UserError {
  return kafkaError({
    fault: "environment",
    code: "kafka-unreachable",
    what: { es: "Kafka no responde.", en: "Kafka does not answer." },
    where: brokers,
    next: [
      {
        es: "Comprueba que está en marcha y que la dirección es esa: taller services status",
        en: "Check that it is running and that this is its address: taller services status",
      },
    ],
    cause,
  });
}

export function noTopic(topic: string): UserError {
  return kafkaError({
    fault: "data",
    code: "kafka-no-topic",
    what: { es: `No existe el topic ${topic}.`, en: `There is no topic ${topic}.` },
    where: topic,
  });
}

export function noPartition(topic: string, partition: number): UserError {
  return kafkaError({
    fault: "data",
    code: "kafka-no-partition",
    what: {
      es: `El topic ${topic} no tiene la partición ${partition}.`,
      en: `The topic ${topic} has no partition ${partition}.`,
    },
    where: `${topic}/${partition}`,
  });
}

/** What is asked for is not there: removed by retention, or not written yet. */
export function offsetGone(topic: string, partition: number, offset: number): UserError {
  return kafkaError({
    fault: "data",
    code: "kafka-offset-gone",
    what: {
      es: `El offset ${offset} no está en el log: la retención lo ha borrado, o aún no existe.`,
      en: `Offset ${offset} is not in the log: retention has removed it, or it is not there yet.`,
    },
    where: `${topic}/${partition}`,
  });
}

export function unreadableCodec(topic: string, partition: number, codec: string): UserError {
  return kafkaError({
    fault: "environment",
    code: "kafka-codec",
    what: {
      es: `Este Node no sabe leer registros comprimidos con ${codec}.`,
      en: `This Node can't read records that are compressed with ${codec}.`,
    },
    where: `${topic}/${partition}`,
    next: [
      {
        es: "Usa Node 22.15 o posterior, o produce con gzip.",
        en: "Use Node 22.15 or later, or produce with gzip.",
      },
    ],
  });
}

export function damaged(topic: string, partition: number, cause: unknown): UserError {
  return kafkaError({
    fault: "data",
    code: "kafka-damaged",
    what: { es: "Un lote de registros está dañado.", en: "A batch of records is damaged." },
    where: `${topic}/${partition}`,
    cause,
  });
}

/** Any answer with an error code that trying again does not help. */
export function refused(what: string, where: string, code: number, message?: string | null): UserError {
  const isFenced = code === ErrorCode.producerFenced || code === ErrorCode.invalidProducerEpoch;
  const isDisk = code === ErrorCode.kafkaStorageError;
  const detail = message === undefined || message === null ? "" : `: ${message}`;
  return kafkaError({
    fault: "environment",
    code: isFenced ? "kafka-fenced" : isDisk ? "kafka-disk" : "kafka-refused",
    what: {
      es: `Kafka ha rechazado la petición (${what}) con ${errorName(code)}${detail}.`,
      en: `Kafka has refused the request (${what}) with ${errorName(code)}${detail}.`,
    },
    where,
    ...(isDisk ? { next: [verbatim("taller data clean")] } : {}),
  });
}

function kafkaError(input: {
  readonly fault: Fault;
  readonly code: string;
  readonly what: Text;
  readonly where: string;
  readonly next?: readonly Text[];
  readonly cause?: unknown;
}): UserError {
  return new UserError(input);
}
