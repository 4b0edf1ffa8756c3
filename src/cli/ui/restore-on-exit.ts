const restorers = new Set<() => void>();
const fatalSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Calls `restore` when the process ends in any way that can be noticed: exit, an uncaught error, a signal (which
 * is raised again where nobody else listens). Returns how to take the guard down.
 */
export function restoreOnExit(restore: () => void): () => void {
  if (restorers.size === 0) install();
  restorers.add(restore);
  return () => {
    restorers.delete(restore);
    if (restorers.size === 0) uninstall();
  };
}

function install(): void {
  process.on("exit", restoreAll);
  process.on("uncaughtExceptionMonitor", restoreAll);
  for (const signal of fatalSignals) process.on(signal, onSignal);
}

function uninstall(): void {
  process.off("exit", restoreAll);
  process.off("uncaughtExceptionMonitor", restoreAll);
  for (const signal of fatalSignals) process.off(signal, onSignal);
}

function restoreAll(): void {
  for (const restore of restorers) restore();
}

function onSignal(signal: NodeJS.Signals): void {
  restoreAll();
  // Somebody else decides what the signal means.
  if (process.listenerCount(signal) > 1) return;
  uninstall();
  process.kill(process.pid, signal);
}
