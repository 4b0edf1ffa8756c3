/**
 * What the sandbox has beside the language, declared by hand: the types of the DOM or of Node would take longer
 * to load than the rest of the check together.
 */
export const SANDBOX_GLOBALS = `
interface Console {
  log(...data: unknown[]): void;
  error(...data: unknown[]): void;
  warn(...data: unknown[]): void;
  info(...data: unknown[]): void;
  debug(...data: unknown[]): void;
  table(data: unknown): void;
}
declare const console: Console;
declare function setTimeout(run: (...args: any[]) => void, ms?: number, ...args: any[]): any;
declare function clearTimeout(timer: any): void;
declare function setInterval(run: (...args: any[]) => void, ms?: number, ...args: any[]): any;
declare function clearInterval(timer: any): void;
declare function setImmediate(run: (...args: any[]) => void, ...args: any[]): any;
declare function queueMicrotask(run: () => void): void;
declare function structuredClone<T>(value: T): T;
declare const performance: { now(): number };
declare class TextEncoder {
  encode(text?: string): Uint8Array;
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean });
  decode(bytes?: ArrayBufferView | ArrayBuffer): string;
}
declare class URLSearchParams implements Iterable<[string, string]> {
  constructor(init?: string | Record<string, string> | [string, string][]);
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string): boolean;
  set(name: string, value: string): void;
  append(name: string, value: string): void;
  delete(name: string): void;
  toString(): string;
  [Symbol.iterator](): Iterator<[string, string]>;
}
declare class URL {
  constructor(url: string, base?: string | URL);
  href: string; protocol: string; host: string; hostname: string; port: string;
  pathname: string; search: string; hash: string; origin: string;
  readonly searchParams: URLSearchParams;
}
declare class AbortController { readonly signal: AbortSignal; abort(reason?: any): void; }
declare interface AbortSignal { readonly aborted: boolean; readonly reason: any; }
`;
