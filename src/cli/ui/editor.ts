import { spawn } from "node:child_process";
import { UserError } from "../../core/errors.ts";

export interface EditorOptions {
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform | undefined;
}

/**
 * Opens files in the editor that `TALLER_EDITOR`, `VISUAL` or `EDITOR` names. One that runs in the terminal has
 * it until its end; one with a window of its own is only started. Throws a UserError when none is named or it
 * can't be started.
 */
export async function openInEditor(options: EditorOptions): Promise<void> {
  const { files, env } = options;
  const platform = options.platform ?? process.platform;
  const named = [env.TALLER_EDITOR, env.VISUAL, env.EDITOR].find(
    (value) => value !== undefined && value.trim() !== "",
  );
  const command = named ?? (platform === "win32" ? "notepad" : undefined);
  if (command === undefined) throw noEditor(files);
  const [program = "", ...args] = splitCommand(command);
  const hasWindow = isGraphical(program);
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, [...args, ...files], {
      stdio: hasWindow ? "ignore" : "inherit",
      detached: hasWindow && platform !== "win32",
      shell: platform === "win32",
    });
    child.once("error", (error) => reject(cannotStart(command, files, error)));
    if (hasWindow) {
      child.once("spawn", () => {
        child.unref();
        resolve();
      });
    } else child.once("close", () => resolve());
  });
}

/** Editors with a window: waiting for them (`code --wait`) would keep the verdicts away while they are used. */
function isGraphical(program: string): boolean {
  const name =
    program
      .split(/[\\/]/)
      .at(-1)
      ?.replace(/\.(exe|cmd|bat|sh)$/i, "")
      .toLowerCase() ?? "";
  return windowed.has(name);
}

const windowed = new Set([
  ...[
    "code",
    "code-insiders",
    "codium",
    "cursor",
    "windsurf",
    "zed",
    "subl",
    "sublime_text",
    "atom",
    "gedit",
  ],
  ...["gnome-text-editor", "kate", "mousepad", "xed", "notepad", "notepad++", "idea", "webstorm", "pycharm"],
  ...["mate", "bbedit", "gvim", "mvim", "open"],
]);

/** `code --wait` or `"C:\\Program Files\\x.exe" -n`: words, with quotes. */
export function splitCommand(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}

function noEditor(files: readonly string[]): UserError {
  return new UserError({
    fault: "environment",
    code: "no-editor",
    what: {
      es: "No sé qué editor usas: EDITOR no tiene valor. Abre el fichero en el tuyo; al guardar se corrige.",
      en: "I don't know your editor: EDITOR is not set. Open the file in yours; saving it grades it.",
    },
    where: files.join(", "),
    next: [
      {
        es: 'export EDITOR=nano   (o vim, o "code --wait")',
        en: 'export EDITOR=nano   (or vim, or "code --wait")',
      },
    ],
  });
}

function cannotStart(command: string, files: readonly string[], cause: unknown): UserError {
  return new UserError({
    fault: "environment",
    code: "editor-failed",
    what: { es: `No puedo arrancar el editor «${command}».`, en: `I can't start the editor "${command}".` },
    where: files.join(", "),
    next: [{ es: "revisa EDITOR o VISUAL", en: "check EDITOR or VISUAL" }],
    cause,
  });
}
