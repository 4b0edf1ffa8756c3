import { randomInt, timingSafeEqual } from "node:crypto";
import type { Database } from "./database.ts";
import { errorFrame, frameOf, type Message, readyFrame, textAt } from "./messages.ts";

/** Who may connect, and to what. */
export interface Admission {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** What the first message of a connection asks for. */
export type FirstMessage =
  | { readonly kind: "encryption" }
  | { readonly kind: "cancel" }
  | { readonly kind: "start"; readonly minor: number; readonly parameters: ReadonlyMap<string, string> }
  | { readonly kind: "unknown"; readonly major: number };

/** The codes of PostgreSQL's documentation, "Message Formats": SSLRequest, GSSENCRequest, CancelRequest. */
const SSL = 80_877_103;
const GSS = 80_877_104;
const CANCEL = 80_877_102;

export function readFirst({ body }: Message): FirstMessage {
  const code = body.length < 4 ? 0 : body.readInt32BE(0);
  if (code === SSL || code === GSS) return { kind: "encryption" };
  if (code === CANCEL) return { kind: "cancel" };
  if (code >>> 16 !== 3) return { kind: "unknown", major: code >>> 16 };
  const parameters = new Map<string, string>();
  for (let at = 4; at < body.length && body[at] !== 0; ) {
    const name = textAt(body, at);
    const value = textAt(body, name.end);
    parameters.set(name.text, value.text);
    at = value.end;
  }
  return { kind: "start", minor: code & 0xffff, parameters };
}

/** The answer that ends a connection that asks for what is not here; undefined when it may go on. */
export function refusalOf(parameters: ReadonlyMap<string, string>, admission: Admission): Buffer | undefined {
  const user = parameters.get("user") ?? "";
  const database = parameters.get("database") ?? user;
  if (user !== admission.user) return errorFrame("28000", `role "${user}" does not exist`, "FATAL");
  if (database !== admission.database)
    return errorFrame("3D000", `database "${database}" does not exist`, "FATAL");
  if (parameters.has("replication")) return errorFrame("0A000", "replication is not served here", "FATAL");
  return undefined;
}

/** Asks for the password in clear text: the connection does not leave this machine. */
export const askPassword = frameOf("R", Buffer.from([0, 0, 0, 3]));

export function isPassword({ type, body }: Message, { password }: Admission): boolean {
  const given = type === "p" ? body.subarray(0, -1) : Buffer.alloc(0);
  const right = Buffer.from(password);
  return given.length === right.length && timingSafeEqual(given, right);
}

/** The settings that a connection begins with where they are not the database's own. */
export function settingsOf(
  parameters: ReadonlyMap<string, string>,
  defaults: Database["defaults"],
): [name: string, value: string][] {
  const wanted = [...parameters].filter(
    ([name]) => !["user", "database", "application_name", "options"].includes(name),
  );
  // `-c name=value`, `--name=value`; a backslash keeps a space.
  const options = (parameters.get("options") ?? "").match(/(?:\\.|\S)+/g) ?? [];
  const flags = options.map((word) => word.replace(/\\(.)/g, "$1"));
  for (const [i, flag] of flags.entries()) {
    const text = flag === "-c" ? flags[i + 1] : (/^(?:-c|--)(.+)/.exec(flag)?.[1] ?? undefined);
    const equals = text?.indexOf("=") ?? -1;
    if (text !== undefined && equals > 0)
      wanted.push([text.slice(0, equals).replaceAll("-", "_"), text.slice(equals + 1)]);
  }
  return wanted.filter(([name, value]) => {
    const usual = defaults.get(name.toLowerCase());
    const plain = (text: string) => text.toLowerCase().replace(/[\s"'-]/g, "");
    if (name.toLowerCase() === "client_encoding" && plain(value) === "unicode") return false;
    return usual === undefined || plain(usual) !== plain(value);
  });
}

/** What a client is told once it is let in. */
export function welcome(input: {
  readonly minor: number;
  readonly id: number;
  readonly parameters: ReadonlyMap<string, string>;
  readonly settings: readonly (readonly [string, string])[];
  readonly database: Database;
  readonly admission: Admission;
}): Buffer {
  const { minor, id, parameters, settings, database, admission } = input;
  const own = new Map(settings.map(([name, value]) => [name.toLowerCase(), value]));
  const secret = Buffer.alloc(8);
  secret.writeInt32BE(id, 0);
  secret.writeInt32BE(randomInt(2 ** 31), 4);
  return Buffer.concat([
    // It speaks 3.0 and none of the options of later versions.
    ...(minor > 0 ? [frameOf("v", Buffer.alloc(8))] : []),
    frameOf("R", Buffer.alloc(4)),
    ...REPORTED.map((name) => {
      const value = own.get(name.toLowerCase()) ?? database.defaults.get(name.toLowerCase()) ?? "";
      return frameOf("S", name, value);
    }),
    frameOf("S", "application_name", parameters.get("application_name") ?? ""),
    frameOf("S", "is_superuser", "on"),
    frameOf("S", "session_authorization", admission.user),
    frameOf("K", secret),
    readyFrame("I"),
  ]);
}

const REPORTED = [
  "server_version",
  "server_encoding",
  "client_encoding",
  "DateStyle",
  "IntervalStyle",
  "TimeZone",
  "integer_datetimes",
  "standard_conforming_strings",
  "default_transaction_read_only",
  "in_hot_standby",
  "search_path",
] as const;
