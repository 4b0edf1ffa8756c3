import type { DuckDBConnection } from "@duckdb/node-api";
import type { Text } from "../../core/text.ts";
import type { RunOptions } from "../engine.ts";

const PROGRESS_EVERY_MS = 200;
const INTERRUPT_EVERY_MS = 10;
const QUERY: Text = { es: "consulta", en: "query" };

/**
 * Awaits work that runs on a connection; meanwhile tells how far it is (at most five times a second) and
 * interrupts it when the signal aborts. An interrupt that comes before the statement has begun is lost,
 * so it is repeated until the work has settled.
 */
export async function watched<T>(
  connection: DuckDBConnection,
  options: RunOptions & { readonly task?: Text | undefined },
  work: () => Promise<T>,
): Promise<T> {
  const { signal, emit } = options;
  let interrupting: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    connection.interrupt();
    interrupting ??= setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
  };
  let lastPercent = -1;
  const telling =
    emit &&
    setInterval(() => {
      const percent = connection.progress.percentage;
      if (percent <= lastPercent || percent < 0) return;
      lastPercent = percent;
      emit({
        kind: "progress",
        task: options.task ?? QUERY,
        done: Math.min(100, percent),
        total: 100,
        unit: "percent",
      });
    }, PROGRESS_EVERY_MS);
  if (signal?.aborted) interrupt();
  else signal?.addEventListener("abort", interrupt, { once: true });
  try {
    return await work();
  } finally {
    clearInterval(telling);
    clearInterval(interrupting);
    signal?.removeEventListener("abort", interrupt);
  }
}
