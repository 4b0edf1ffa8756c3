import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CHECKSUM_ALGORITHMS, startChecksum } from "../../../src/services/object-store/embedded/checksum.ts";

const ofText = (algorithm: (typeof CHECKSUM_ALGORITHMS)[number], text: string | Uint8Array) => {
  const checksum = startChecksum(algorithm);
  checksum.update(Buffer.from(text));
  return checksum.digest().toString("hex");
};

describe("checksums", () => {
  /** The check values of the CRC catalogue (reveng), for CRC-32/ISO-HDLC, CRC-32/ISCSI and CRC-64/NVME; FIPS 180-4. */
  test.each([
    ["CRC32", "cbf43926"],
    ["CRC32C", "e3069283"],
    ["CRC64NVME", "ae8b14860a799888"],
    ["SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"],
    ["SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"],
  ] as const)("%s of 123456789 is the published one", (algorithm, value) => {
    expect(ofText(algorithm, "123456789")).toBe(value);
  });

  /** RFC 3720, B.4. */
  test.each([
    ["zeros", Buffer.alloc(32), "8a9136aa"],
    ["ones", Buffer.alloc(32, 0xff), "62a8ab43"],
    ["rising", Buffer.from(Array.from({ length: 32 }, (_, i) => i)), "46dd794e"],
  ])("CRC32C of 32 bytes, %s, is that of RFC 3720", (_, bytes, value) => {
    expect(ofText("CRC32C", bytes)).toBe(value);
  });

  /** NVM Express base specification 2.0, figure "64b CRC test cases". */
  test.each([
    ["zeros", Buffer.alloc(4096), "6482d367eb22b64e"],
    ["ones", Buffer.alloc(4096, 0xff), "c0ddba7302eca3ac"],
  ])("CRC64NVME of 4 KiB, %s, is that of the specification", (_, bytes, value) => {
    expect(ofText("CRC64NVME", bytes)).toBe(value);
  });

  test.each(CHECKSUM_ALGORITHMS)("%s does not depend on where the data is cut", (algorithm) => {
    const bytes = randomBytes(3000);
    const whole = ofText(algorithm, bytes);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }), (cuts) => {
        const checksum = startChecksum(algorithm);
        const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        places.slice(1).forEach((to, i) => void checksum.update(bytes.subarray(places[i], to)));
        expect(checksum.digest().toString("hex")).toBe(whole);
      }),
    );
  });
});
