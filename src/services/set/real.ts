import { UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";
import type { ServiceAddresses, ServiceName } from "./service.ts";

export type Env = Readonly<Record<string, string | undefined>>;

/** The variable that selects the real system. No other one does: what people have set at work is left alone. */
export const SELECTING_VARIABLE: Readonly<Record<ServiceName, string>> = {
  kafka: "TALLER_KAFKA_BROKERS",
  s3: "TALLER_S3_ENDPOINT",
  postgres: "TALLER_DATABASE_URL",
  tracking: "TALLER_MLFLOW_URI",
};

/**
 * The address of a real service, if its `TALLER_` variable names one; undefined for the embedded one. Throws a
 * UserError (usage) for a value that is no address, and for S3 without keys.
 */
export function realAddress<N extends ServiceName>(name: N, env: Env): ServiceAddresses[N] | undefined {
  const value = env[SELECTING_VARIABLE[name]]?.trim();
  return value === undefined || value === "" ? undefined : read[name](value, env);
}

const read: { readonly [N in ServiceName]: (value: string, env: Env) => ServiceAddresses[N] } = {
  kafka: (value) => {
    const brokers = value.split(",").map((one) => one.trim());
    if (!brokers.every((one) => /^(\[[0-9a-f:]+\]|[^\s:/]+):\d{1,5}$/i.test(one)))
      throw notAnAddress("kafka", value, "127.0.0.1:9092,127.0.0.1:9093");
    return { brokers };
  },
  s3: (value, env) => {
    const endpoint = httpUrl("s3", value);
    const accessKeyId = env.AWS_ACCESS_KEY_ID ?? "";
    const secretAccessKey = env.AWS_SECRET_ACCESS_KEY ?? "";
    if (accessKeyId === "" || secretAccessKey === "") throw noKeys(value);
    return { endpoint, accessKeyId, secretAccessKey, region: env.AWS_REGION ?? "us-east-1" };
  },
  postgres: (value) => {
    if (!/^postgres(ql)?:\/\/\S+$/.test(value))
      throw notAnAddress("postgres", value, "postgres://user:password@127.0.0.1:5432/database");
    return { url: value };
  },
  tracking: (value) => ({ uri: httpUrl("tracking", value) }),
};

function httpUrl(name: ServiceName, value: string): string {
  if (!/^https?:\/\/[^\s/]+/.test(value)) throw notAnAddress(name, value, "http://127.0.0.1:5000");
  return value.replace(/\/+$/, "");
}

function notAnAddress(name: ServiceName, value: string, example: string): UserError {
  const variable = SELECTING_VARIABLE[name];
  // A value may carry a password: only its form is told.
  return new UserError({
    fault: "usage",
    code: "not-an-address",
    what: {
      es: `${variable} no es una dirección (${value.length} caracteres). Por ejemplo: ${example}`,
      en: `${variable} is not an address (${value.length} characters). For example: ${example}`,
    },
    next: [
      {
        es: `quítala para usar el servicio incluido:   unset ${variable}`,
        en: `take it away to use the service that is included:   unset ${variable}`,
      },
    ],
  });
}

function noKeys(endpoint: string): UserError {
  return new UserError({
    fault: "usage",
    code: "no-keys",
    what: {
      es: "TALLER_S3_ENDPOINT nombra un S3, y faltan sus claves.",
      en: "TALLER_S3_ENDPOINT names an S3, and its keys are missing.",
    },
    where: endpoint,
    next: [
      verbatim("export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…"),
      {
        es: "o usa el incluido:   unset TALLER_S3_ENDPOINT",
        en: "or use the one that is included:   unset TALLER_S3_ENDPOINT",
      },
    ],
  });
}
