import { expect, test } from "vitest";
import { UserError } from "../../../src/core/errors.ts";
import { realAddress } from "../../../src/services/set/real.ts";

/** What people have set at work. */
const WORK = {
  DATABASE_URL: "postgres://canary@127.0.0.1:1/x",
  MLFLOW_TRACKING_URI: "http://127.0.0.1:1",
  AWS_ACCESS_KEY_ID: "canary",
  AWS_SECRET_ACCESS_KEY: "canary",
  AWS_ENDPOINT_URL: "http://127.0.0.1:1",
  KAFKA_BROKERS: "127.0.0.1:1",
  SPARK_REMOTE: "sc://127.0.0.1:1",
};

test("no variable of anybody else's selects a real system", () => {
  for (const name of ["kafka", "s3", "postgres", "tracking"] as const)
    expect(realAddress(name, WORK)).toBeUndefined();
});

test("each TALLER_ variable selects its own", () => {
  const env = {
    ...WORK,
    TALLER_KAFKA_BROKERS: "broker-1:9092, [::1]:9093",
    TALLER_S3_ENDPOINT: "https://s3.example/",
    TALLER_DATABASE_URL: "postgresql://me:secret@db/sales",
    TALLER_MLFLOW_URI: "http://mlflow:5000/",
  };
  expect(realAddress("kafka", env)).toEqual({ brokers: ["broker-1:9092", "[::1]:9093"] });
  expect(realAddress("s3", env)).toEqual({
    endpoint: "https://s3.example",
    accessKeyId: "canary",
    secretAccessKey: "canary",
    region: "us-east-1",
  });
  expect(realAddress("postgres", env)).toEqual({ url: "postgresql://me:secret@db/sales" });
  expect(realAddress("tracking", env)).toEqual({ uri: "http://mlflow:5000" });
});

test.each([
  ["kafka", { TALLER_KAFKA_BROKERS: "localhost" }],
  ["s3", { TALLER_S3_ENDPOINT: "localhost:9000" }],
  ["postgres", { TALLER_DATABASE_URL: "mysql://secret@x" }],
  ["tracking", { TALLER_MLFLOW_URI: "file:///tmp/mlruns" }],
] as const)("a value for %s that is no address is refused, and not repeated", (name, env) => {
  const error = errorOf(() => realAddress(name, env));
  expect(error).toMatchObject({ fault: "usage", code: "not-an-address" });
  for (const value of Object.values(env)) expect(error.what.en).not.toContain(value);
});

test("S3 without keys says which", () => {
  const error = errorOf(() => realAddress("s3", { TALLER_S3_ENDPOINT: "http://127.0.0.1:9000" }));
  expect(error).toMatchObject({ fault: "usage", code: "no-keys" });
});

function errorOf(work: () => unknown): UserError {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
