import { createHmac, timingSafeEqual } from "node:crypto";

/** What a signature holds for: `<date>/<region>/<service>/aws4_request`. */
export interface Scope {
  /** `20250131`. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

export function scopeText({ date, region, service }: Scope): string {
  return `${date}/${region}/${service}/aws4_request`;
}

/** The key of AWS Signature Version 4 for a scope. */
export function signingKey(secretAccessKey: string, scope: Scope): Buffer {
  const hmac = (key: Buffer | string, text: string) => createHmac("sha256", key).update(text).digest();
  return hmac(
    hmac(hmac(hmac(`AWS4${secretAccessKey}`, scope.date), scope.region), scope.service),
    "aws4_request",
  );
}

/** The signature of a string to sign, in hexadecimal. */
export function sign(key: Buffer, lines: readonly string[]): string {
  return createHmac("sha256", key).update(lines.join("\n")).digest("hex");
}

/** Compares two signatures in a time that does not tell where they differ. */
export function isSameSignature(given: string, right: string): boolean {
  const a = Buffer.from(given, "latin1");
  const b = Buffer.from(right, "latin1");
  return a.length === b.length && timingSafeEqual(a, b);
}
