/** The services that the workshop can need, in the order in which they are shown. */
export const SERVICES = ["kafka", "s3", "postgres", "tracking"] as const;

export type ServiceName = (typeof SERVICES)[number];

/** How a client reaches each service: what `kafkajs`, `minio`, `pg` and MLflow's REST API ask for. */
export interface ServiceAddresses {
  /** `host:port`, one or more. */
  readonly kafka: { readonly brokers: readonly string[] };
  /** `endpoint` is `http://host:port`. */
  readonly s3: {
    readonly endpoint: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly region: string;
  };
  /** `postgres://user@host:port/database`. */
  readonly postgres: { readonly url: string };
  /** `http://host:port`. */
  readonly tracking: { readonly uri: string };
}

/** What is said of a service to people: its name, and where it listens. */
export const SERVICE_TITLES: Readonly<Record<ServiceName, string>> = {
  kafka: "Kafka",
  s3: "S3",
  postgres: "PostgreSQL",
  tracking: "MLflow",
};

/** `127.0.0.1:9092`, an endpoint or a URL without its password: for a line of output. */
export function shownAddress<N extends ServiceName>(name: N, address: ServiceAddresses[N]): string {
  const all: Partial<ServiceAddresses> = { [name]: address };
  if (all.kafka !== undefined) return all.kafka.brokers.join(",");
  if (all.s3 !== undefined) return all.s3.endpoint;
  if (all.postgres !== undefined) return withoutPassword(all.postgres.url);
  return withoutPassword(all.tracking?.uri ?? "");
}

function withoutPassword(text: string): string {
  try {
    const url = new URL(text);
    url.password = "";
    return url.toString().replace(/\/$/, "");
  } catch {
    return "?";
  }
}
