/**
 * Runs the work of several items, a few at a time, and gives the results in the items' order. Whoever stops
 * early (`break`) stops the items under way through the signal; their errors are not heard.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  options: { readonly atATime: number; readonly signal?: AbortSignal | undefined },
  run: (item: T, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<{ item: T; result: R }, void, undefined> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const running: { item: T; result: Promise<R> }[] = [];
  let next = 0;
  const startMore = (): void => {
    while (running.length < options.atATime && next < items.length) {
      const item = items[next++] as T;
      const result = run(item, signal);
      // Awaited later, in order; until then a failure must not count as unhandled.
      result.catch(() => undefined);
      running.push({ item, result });
    }
  };
  try {
    startMore();
    for (let first = running[0]; first !== undefined; first = running[0]) {
      const result = await first.result;
      running.shift();
      startMore();
      yield { item: first.item, result };
    }
  } finally {
    stop.abort();
    await Promise.allSettled(running.map(({ result }) => result));
  }
}
