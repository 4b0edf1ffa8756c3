import { type DataStream, streamOf } from "./data-stream.ts";
import { type FilesSourceOptions, filesSource } from "./sources/files.ts";
import { type KafkaSourceOptions, kafkaSource } from "./sources/kafka.ts";
import { rateSource } from "./sources/rate.ts";
import { type SocketSourceOptions, socketSource } from "./sources/socket.ts";
import type { StreamSource } from "./sources/source.ts";

/** Where a stream begins: Spark's `readStream`, a method a format. */
export const readStream = {
  kafka: (options: KafkaSourceOptions): DataStream => streamOf(kafkaSource(options)),
  files: (options: FilesSourceOptions): DataStream => streamOf(filesSource(options)),
  socket: (options: SocketSourceOptions): DataStream => streamOf(socketSource(options)),
  rate: (options: Parameters<typeof rateSource>[0] = {}): DataStream => streamOf(rateSource(options)),
  /** Any source: a `memorySource`, one of your own. */
  from: (source: StreamSource): DataStream => streamOf(source),
};
