import { z } from "zod";
import { CancelledError, messageOf, systemCode, UserError } from "../../core/errors.ts";
import { verbatim } from "../../core/text.ts";

export interface TrackingTarget {
  /** Without a slash at its end and without user and password. */
  readonly uri: string;
  readonly authorization: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** A server's refusal, in its own words: `errorCode` is MLflow's `error_code`. */
export class TrackingError extends UserError {
  readonly errorCode: string;
  readonly status: number;

  constructor(input: { errorCode: string; status: number; message: string; where: string }) {
    const { errorCode, status, message, where } = input;
    super({
      fault: status >= 500 ? "environment" : "data",
      code: `tracking-${errorCode.toLowerCase().replaceAll("_", "-")}`,
      what: {
        es: `El servidor de MLflow no acepta la petición (${errorCode}): ${message}`,
        en: `The MLflow server refuses the request (${errorCode}): ${message}`,
      },
      where,
      next: status >= 500 ? [verbatim("taller services status")] : [],
    });
    this.name = "TrackingError";
    this.errorCode = errorCode;
    this.status = status;
  }
}

/** Reads TALLER_MLFLOW_URI's form: `http(s)://[user:password@]host[:port][/prefix]`. Throws a usage error for another. */
export function parseTrackingUri(text: string): Pick<TrackingTarget, "uri" | "authorization"> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new UserError({
      fault: "usage",
      code: "tracking-bad-address",
      what: {
        es: "La dirección de MLflow tiene que empezar por http:// o https://.",
        en: "The address of MLflow has to begin with http:// or https://.",
      },
      where: text,
      next: [verbatim("TALLER_MLFLOW_URI=http://127.0.0.1:5000")],
    });
  }
  const { username, password } = url;
  const authorization =
    username === "" && password === ""
      ? undefined
      : `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`;
  url.username = "";
  url.password = "";
  url.hash = "";
  url.search = "";
  return { uri: url.href.replace(/\/+$/, ""), authorization };
}

/**
 * One call of the REST API: `call` is what follows `/api/2.0/` (`mlflow/runs/create`). A GET's data goes into the
 * query, any other's into a JSON body. The answer is checked against the schema.
 */
export async function callTracking<T>(
  target: TrackingTarget,
  input: {
    readonly method: "GET" | "POST" | "PATCH" | "DELETE";
    readonly call: string;
    readonly data?: Readonly<Record<string, unknown>> | undefined;
    readonly schema: z.ZodType<T>;
  },
): Promise<T> {
  const { method, call, data = {}, schema } = input;
  const query = method === "GET" ? queryOf(data) : "";
  const response = await fetchTracking(target, `${call}${query}`, {
    method,
    ...(method === "GET"
      ? {}
      : { body: JSON.stringify(data, specialNumbers), headers: { "content-type": "application/json" } }),
  });
  const body = await bodyOf(target, response);
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw notMlflow(response.url, parsed.error);
  return parsed.data;
}

/** The raw answer, once it is a success; a refusal is a {@link TrackingError}, silence `tracking-unreachable`. */
export async function fetchTracking(
  target: TrackingTarget,
  path: string,
  init: RequestInit & { duplex?: "half" },
): Promise<Response> {
  const url = `${target.uri}/api/2.0/${path}`;
  const headers = new Headers(init.headers);
  if (target.authorization !== undefined) headers.set("authorization", target.authorization);
  const signals = [AbortSignal.timeout(target.timeoutMs), ...(target.signal ? [target.signal] : [])];
  let response: Response;
  try {
    response = await fetch(url, { ...init, headers, signal: AbortSignal.any(signals), redirect: "error" });
  } catch (error) {
    throw networkError(target, error);
  }
  if (response.ok) return response;
  throw await refusal(target, response);
}

function queryOf(data: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(data)) {
    if (value === undefined) continue;
    for (const item of Array.isArray(value) ? value : [value]) query.append(name, String(item));
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

function specialNumbers(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

async function bodyOf(target: TrackingTarget, response: Response): Promise<unknown> {
  let text: string;
  try {
    text = await response.text();
  } catch (error) {
    throw networkError(target, error);
  }
  try {
    return JSON.parse(text === "" ? "{}" : text);
  } catch (error) {
    throw notMlflow(response.url, error);
  }
}

const refusalSchema = z.object({ error_code: z.string(), message: z.string().default("") });

async function refusal(target: TrackingTarget, response: Response): Promise<UserError> {
  const text = await response.text().catch((error: unknown) => {
    throw networkError(target, error);
  });
  const where = response.url;
  const { status } = response;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const said = refusalSchema.safeParse(body);
  if (said.success) {
    return new TrackingError({ errorCode: said.data.error_code, status, message: said.data.message, where });
  }
  if (status === 401 || status === 403) {
    return new UserError({
      fault: "environment",
      code: "tracking-forbidden",
      what: {
        es: `El servidor de MLflow no deja pasar (HTTP ${status}): ${firstLine(text)}`,
        en: `The MLflow server lets nobody in (HTTP ${status}): ${firstLine(text)}`,
      },
      where,
      next: [
        verbatim("TALLER_MLFLOW_URI=http://USER:PASSWORD@HOST:PORT"),
        verbatim("mlflow server --allowed-hosts …"),
      ],
    });
  }
  return notMlflow(where, `HTTP ${status}: ${firstLine(text)}`);
}

function notMlflow(where: string, cause: unknown): UserError {
  return new UserError({
    fault: "environment",
    code: "tracking-not-mlflow",
    what: {
      es: "Lo que responde en esa dirección no habla como un servidor de MLflow.",
      en: "What answers at that address does not speak like an MLflow server.",
    },
    where,
    next: [verbatim("taller doctor")],
    cause,
  });
}

function networkError(target: TrackingTarget, error: unknown): Error {
  if (target.signal?.aborted) return new CancelledError({ cause: error });
  const cause = error instanceof Error ? error.cause : undefined;
  const isTimeout = error instanceof Error && error.name === "TimeoutError";
  const why = isTimeout ? `> ${target.timeoutMs} ms` : (systemCode(cause) ?? messageOf(cause ?? error));
  return new UserError({
    fault: "environment",
    code: "tracking-unreachable",
    what: {
      es: `El servidor de MLflow no responde (${why}).`,
      en: `The MLflow server does not answer (${why}).`,
    },
    where: target.uri,
    next: [verbatim("taller services status"), verbatim("taller doctor")],
    cause: error,
  });
}

function firstLine(text: string): string {
  return text
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 200);
}
