import { type BigIntStats, type FSWatcher, statSync, watch } from "node:fs";
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
  // At once: whoever reads the files after this call and finds old content is told of the save that came then.
  let known = paths.map(signatureNow).join("|");
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  let isLooking = false;

  const look = async () => {
    // One at a time, so that an older answer does not come after a newer one; the next poll looks again.
    if (isLooking) return;
    isLooking = true;
    const found = (await Promise.all(paths.map(signatureOf))).join("|");
    isLooking = false;
    if (isClosed || found === known) return;
    known = found;
    onChange();
  };
  const lookSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), quietMs);
  };
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
    return signatureIn(await stat(path, { bigint: true }));
  } catch {
    return "missing";
  }
}

function signatureNow(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? "missing" : signatureIn(found);
}

function signatureIn({ mtimeNs, size, ino }: BigIntStats): string {
  return `${mtimeNs}:${size}:${ino}`;
}
