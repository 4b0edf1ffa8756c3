import { open } from "node:fs/promises";
import { seededRandom } from "../../src/core/random.ts";
import type { Matrix } from "../../src/ml/index.ts";

export const FEATURES = 16;

export interface LabelledData {
  readonly matrix: Matrix;
  readonly labels: Uint8Array;
}

/**
 * Sixteen normal columns; the label depends on all of them, less and less, on the product of two and the square of one.
 * Without an effect of its own a column would be found by chance, and the AUC of two equal models differ by it.
 */
export function makeData(rowCount: number, seed: number): LabelledData {
  const random = seededRandom(seed);
  const columns = Array.from({ length: FEATURES }, () => new Float64Array(rowCount));
  const labels = new Uint8Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    for (const column of columns) column[i] = random.normal();
    const x = (j: number): number => columns[j]?.[i] ?? 0;
    let logOdds = 0.5 * x(2) * x(3) + 0.3 * x(4) * x(4) - 1.6;
    for (let j = 0, effect = 0.8; j < FEATURES; j++, effect *= -0.85) logOdds += effect * x(j);
    labels[i] = Number(random.chance(1 / (1 + Math.exp(-logOdds))));
  }
  return { matrix: matrixOf(columns, rowCount), labels };
}

/** The columns, then the labels, as little-endian doubles: what every peer reads. */
export async function writeData(path: string, data: LabelledData): Promise<void> {
  const file = await open(path, "w");
  try {
    for (const column of [...data.matrix.columns, Float64Array.from(data.labels)])
      await file.write(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  } finally {
    await file.close();
  }
}

export async function readData(path: string, rowCount: number): Promise<LabelledData> {
  const file = await open(path, "r");
  try {
    const read = async (): Promise<Float64Array> => {
      const column = new Float64Array(rowCount);
      const bytes = new Uint8Array(column.buffer);
      for (let done = 0; done < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, done, bytes.length - done);
        if (bytesRead === 0) throw new Error(`${path} holds fewer than ${rowCount} rows`);
        done += bytesRead;
      }
      return column;
    };
    const columns: Float64Array[] = [];
    for (let j = 0; j < FEATURES; j++) columns.push(await read());
    return { matrix: matrixOf(columns, rowCount), labels: Uint8Array.from(await read()) };
  } finally {
    await file.close();
  }
}

function matrixOf(columns: readonly Float64Array[], rowCount: number): Matrix {
  return { features: columns.map((_, j) => ({ name: `x${j}`, kind: "number" })), columns, rowCount };
}
