/**
 * Makes what is printed leave at once: Node queues it for a pipe, so a loop that prints would fill memory
 * unseen, and a process that is killed would lose its last words. The streams are opened when first used.
 */
export function printAtOnce(): void {
  for (const name of ["stdout", "stderr"] as const) {
    const own = Object.getOwnPropertyDescriptor(process, name);
    const open = own?.get;
    if (open === undefined) continue;
    let isBlocking = false;
    Object.defineProperty(process, name, {
      configurable: true,
      enumerable: true,
      get: () => {
        const stream: unknown = Reflect.apply(open, process, []);
        if (!isBlocking) setBlocking(stream);
        isBlocking = true;
        return stream;
      },
    });
  }
}

function setBlocking(stream: unknown): void {
  const handle = (stream as { _handle?: { setBlocking?: (isBlocking: boolean) => void } | null })._handle;
  handle?.setBlocking?.(true);
}
