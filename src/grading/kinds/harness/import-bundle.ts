import { DOORS } from "./doors.ts";

/** Loads a submission's bundle; its virtual modules find the libraries by name while it loads. */
export async function importBundle(
  url: string,
  libraries: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  Object.defineProperty(globalThis, DOORS, { value: libraries, configurable: true });
  try {
    return (await import(url)) as Record<string, unknown>;
  } finally {
    Reflect.deleteProperty(globalThis, DOORS);
  }
}
