import { sharedFloat64, sharedInt32, sharedUint8 } from "./shared.ts";

/** A WebAssembly.Memory that threads share; a message takes it to another thread. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
}

/** What is used of the global `WebAssembly`, behind types of our own: the learner's door is checked without a host's. */
interface WasmHost {
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: unknown };
}

const PAGE = 65_536;
/** One page less than a 32-bit address reaches, so that the end of an array has an address too. */
const MOST_PAGES = 65_535;
/** Every array starts at a multiple of it: a vector has 16 bytes. */
const ALIGNMENT = 16;

/** The bytes that an array takes in an arena, at most. */
export function arenaBytes(bytes: number): number {
  return bytes + ALIGNMENT;
}

/**
 * Shared arrays laid one after another in one WebAssembly memory, so that compiled code sees them. They start as zeros.
 * Where there is no such memory, or an array finds no room in it, arrays are shared ones without it.
 */
export class SharedArena {
  private readonly place: WasmMemory | undefined;
  private used = 0;
  private isWhole = true;

  /** `bytes`: the sum of {@link arenaBytes} over what will be laid out. */
  constructor(bytes: number) {
    this.place = memoryOf(Math.ceil(bytes / PAGE));
  }

  /** The memory in which all arrays so far lie; undefined when one of them lies elsewhere. */
  get memory(): WasmMemory | undefined {
    return this.isWhole ? this.place : undefined;
  }

  float64(length: number): Float64Array {
    const room = this.take(8 * length);
    return room === undefined ? sharedFloat64(length) : new Float64Array(room.buffer, room.at, length);
  }

  int32(length: number): Int32Array {
    const room = this.take(4 * length);
    return room === undefined ? sharedInt32(length) : new Int32Array(room.buffer, room.at, length);
  }

  uint8(length: number): Uint8Array {
    const room = this.take(length);
    return room === undefined ? sharedUint8(length) : new Uint8Array(room.buffer, room.at, length);
  }

  private take(bytes: number): { readonly buffer: ArrayBufferLike; readonly at: number } | undefined {
    const buffer = this.place?.buffer;
    const at = this.used;
    if (buffer === undefined || at + bytes > buffer.byteLength) {
      this.isWhole = false;
      return undefined;
    }
    this.used = Math.ceil((at + bytes) / ALIGNMENT) * ALIGNMENT;
    return { buffer, at };
  }
}

/** The functions of a module on this memory; undefined where the host can't run it (no vectors, no WebAssembly). */
export function instantiate(bytes: string, memory: WasmMemory): unknown {
  const host = wasmHost();
  const module = host === undefined ? undefined : moduleOf(host, bytes);
  if (host === undefined || module === undefined) return undefined;
  return new host.Instance(module, { env: { memory } }).exports;
}

const modules = new Map<string, object | undefined>();

function moduleOf(host: WasmHost, bytes: string): object | undefined {
  if (!modules.has(bytes)) {
    const decoded = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0));
    modules.set(
      bytes,
      attempt(() => new host.Module(decoded)),
    );
  }
  return modules.get(bytes);
}

function memoryOf(pages: number): WasmMemory | undefined {
  const host = wasmHost();
  if (host === undefined || pages > MOST_PAGES) return undefined;
  return attempt(() => new host.Memory({ initial: pages, maximum: pages, shared: true }));
}

function wasmHost(): WasmHost | undefined {
  const host = (globalThis as { readonly WebAssembly?: unknown }).WebAssembly;
  return host as WasmHost | undefined;
}

/** A host may forbid code, lack vectors or have no address space left: each is an error, and none is ours to report. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
