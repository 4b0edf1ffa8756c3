import type { Client } from "minio";

export interface ObjectStoreAddress {
  /** `http://host:port` or `https://host`. */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region?: string | undefined;
}

/** A minio client of an object store, the embedded one or a real one: there is no difference from here. */
export async function objectStoreClient(address: ObjectStoreAddress): Promise<Client> {
  // It costs 230 ms: loaded by those who use it.
  const { Client: Minio } = await import("minio");
  const { protocol, hostname, port } = new URL(address.endpoint);
  return new Minio({
    endPoint: hostname.replace(/^\[(.*)\]$/, "$1"),
    useSSL: protocol === "https:",
    ...(port === "" ? {} : { port: Number(port) }),
    accessKey: address.accessKeyId,
    secretKey: address.secretAccessKey,
    // Without it the client asks for each bucket's region first.
    region: address.region ?? "us-east-1",
  });
}
