import { ProtocolError, Reader } from "./reader.ts";
import { int16, int32, nullableString, type Type, type Version } from "./types.ts";
import { Writer } from "./writer.ts";

/** One request of the protocol: its key, the versions that we speak, and both of its messages as data. */
export interface Api<Request, RequestIn, Response, ResponseIn> {
  readonly name: string;
  readonly key: number;
  readonly min: number;
  readonly max: number;
  /** From this version on lengths are compact and fields may be tagged. */
  readonly flexibleFrom: number;
  readonly request: Type<Request, RequestIn>;
  readonly response: Type<Response, ResponseIn>;
}

/** An API whose messages are not looked at. */
export type AnyApi = Api<unknown, unknown, unknown, unknown>;

export interface RequestHeader {
  readonly key: number;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

const NO_FLEX: Version = { version: 0, isFlexible: false };
/** ApiVersions answers with the old header in every version, so that a client that knows less can read it. */
const API_VERSIONS = 18;

export function isFlexible(api: AnyApi, version: number): boolean {
  return version >= api.flexibleFrom;
}

/** Key, version, correlation id: the fixed start of every request. The rest follows with {@link readRequestHead}. */
export function peekRequest(frame: Buffer): { key: number; version: number; correlationId: number } {
  const from = new Reader(frame);
  return { key: from.int16(), version: from.int16(), correlationId: from.int32() };
}

/** Reads the header of a request whose API is known; the reader then stands at its body. */
export function readRequestHead(from: Reader, flexible: boolean): RequestHeader {
  const key = int16.read(from, NO_FLEX);
  const version = int16.read(from, NO_FLEX);
  const correlationId = int32.read(from, NO_FLEX);
  // The client id has the old form of a string in both header versions.
  const clientId = nullableString.read(from, NO_FLEX);
  if (flexible) skipTags(from);
  return { key, version, correlationId, clientId };
}

/** One request as a frame with its size in front, in pieces for a gathered write. */
export function encodeRequest<Q, QIn, R, RIn>(
  api: Api<Q, QIn, R, RIn>,
  head: { readonly version: number; readonly correlationId: number; readonly clientId: string | null },
  body: QIn,
): Buffer[] {
  const flexible = isFlexible(api, head.version);
  const to = new Writer();
  to.int16(api.key);
  to.int16(head.version);
  to.int32(head.correlationId);
  nullableString.write(to, head.clientId, NO_FLEX);
  if (flexible) to.unsignedVarint(0);
  api.request.write(to, body, { version: head.version, isFlexible: flexible });
  return framed(to);
}

/** One response as a frame with its size in front. */
export function encodeResponse<Q, QIn, R, RIn>(
  api: Api<Q, QIn, R, RIn>,
  head: { readonly version: number; readonly correlationId: number },
  body: RIn,
): Buffer[] {
  const flexible = isFlexible(api, head.version);
  const to = new Writer();
  to.int32(head.correlationId);
  if (flexible && api.key !== API_VERSIONS) to.unsignedVarint(0);
  api.response.write(to, body, { version: head.version, isFlexible: flexible });
  return framed(to);
}

/** The body of a request frame (without its size). */
export function decodeRequest<Q, QIn, R, RIn>(
  api: Api<Q, QIn, R, RIn>,
  frame: Buffer,
): { head: RequestHeader; body: Q } {
  const { version } = peekRequest(frame);
  const flexible = isFlexible(api, version);
  const from = new Reader(frame);
  const head = readRequestHead(from, flexible);
  return { head, body: api.request.read(from, { version, isFlexible: flexible }) };
}

/** The body of a response frame (without its size). */
export function decodeResponse<Q, QIn, R, RIn>(
  api: Api<Q, QIn, R, RIn>,
  frame: Buffer,
  version: number,
): { correlationId: number; body: R } {
  const flexible = isFlexible(api, version);
  const from = new Reader(frame);
  const correlationId = from.int32();
  if (flexible && api.key !== API_VERSIONS) skipTags(from);
  return { correlationId, body: api.response.read(from, { version, isFlexible: flexible }) };
}

function framed(body: Writer): Buffer[] {
  const size = Buffer.allocUnsafe(4);
  size.writeInt32BE(body.size);
  const pieces = body.finish();
  const [first] = pieces;
  // One small piece more would be one system call more.
  if (first !== undefined && first.length < 65_536) pieces[0] = Buffer.concat([size, first]);
  else pieces.unshift(size);
  return pieces;
}

function skipTags(from: Reader): void {
  const count = from.unsignedVarint();
  if (count > from.left) throw new ProtocolError(`${count} tagged fields in ${from.left} bytes`);
  for (let i = 0; i < count; i++) {
    from.unsignedVarint();
    from.take(from.unsignedVarint());
  }
}
