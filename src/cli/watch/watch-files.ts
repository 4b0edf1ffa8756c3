import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";

export interface FileWatch {
  close(): void;
}

export interface FileWatchOptions {
  readonly paths: readonly string[];
  /** Called once for each save, after the file has been quiet for a moment. */
  readonly onChange: () => void;
  /** How long a file must be quiet; default 25. Editors write in several steps. */
  readonly quietMs?: number | undefined;
  /** How often files are looked at besides; default 500. */
  readonly pollMs?: number | undefined;
  /** False: polling only. */
  readonly hasEvents?: boolean | undefined;
}

/**
 * Tells of saves: by the system's events on the files' folders (an editor that saves by renaming replaces the
 * file), and by polling as well, because events don't come from network drives, some containers and WSL mounts.
 */
export function watchFiles(options: FileWatchOptions): FileWatch {
  const { paths, onChange, quietMs = 25, pollMs = 500 } = options;
  let known: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const look = async () => {
    const found = (await Promise.all(paths.map(signatureOf))).join("|");
    if (isClosed || found === known) return;
    const isFirst = known === undefined;
    known = found;
    if (!isFirst) onChange();
  };
  const lookSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), quietMs);
  };
  void look();
  const poll = setInterval(() => void look(), pollMs);
  const watchers = options.hasEvents === false ? [] : watchFolders(paths, lookSoon);
  return {
    close() {
      isClosed = true;
      clearTimeout(timer);
      clearInterval(poll);
      for (const watcher of watchers) watcher.close();
    },
  };
}

function watchFolders(paths: readonly string[], onEvent: () => void): FSWatcher[] {
  const names = new Set(paths.map((path) => basename(path)));
  const watchers: FSWatcher[] = [];
  for (const folder of new Set(paths.map((path) => dirname(path)))) {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || names.has(name)) onEvent();
      });
      // Too many watches, or a folder that goes away: polling goes on.
      watcher.on("error", () => watcher.close());
      watchers.push(watcher);
    } catch {
      // No events here (or no folder yet): polling sees it.
    }
  }
  return watchers;
}

/** Changes with each save, also with one that writes the same text. */
async function signatureOf(path: string): Promise<string> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${mtimeNs}:${size}:${ino}`;
  } catch {
    return "missing";
  }
}
