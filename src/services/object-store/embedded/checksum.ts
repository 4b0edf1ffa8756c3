import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { Crc32c } from "./crc32c.ts";
import { Crc64Nvme } from "./crc64-nvme.ts";

/** The checksums that S3 takes beside MD5, by the names of its API. */
export const CHECKSUM_ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** A checksum over data that comes in pieces. */
export interface RunningChecksum {
  update(chunk: Uint8Array): void;
  /** Big-endian bytes, as S3 sends them in base64. */
  digest(): Buffer;
}

export function startChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  switch (algorithm) {
    case "CRC32":
      return new Crc32();
    case "CRC32C":
      return new Crc32c();
    case "CRC64NVME":
      return new Crc64Nvme();
    case "SHA1":
    case "SHA256": {
      const hash = createHash(algorithm === "SHA1" ? "sha1" : "sha256");
      return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest() };
    }
  }
}

/** `CRC32` → `x-amz-checksum-crc32`. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The algorithm of a header's name or of a name in any case; undefined for another word. */
export function checksumAlgorithmOf(name: string): ChecksumAlgorithm | undefined {
  const word = name.toLowerCase().replace(/^x-amz-checksum-/, "");
  return CHECKSUM_ALGORITHMS.find((algorithm) => algorithm.toLowerCase() === word);
}

class Crc32 implements RunningChecksum {
  #value = 0;
  update(chunk: Uint8Array): void {
    this.#value = crc32(chunk, this.#value);
  }
  digest(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#value);
    return bytes;
  }
}
