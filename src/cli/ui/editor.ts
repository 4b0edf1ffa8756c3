import { spawn } from "node:child_process";
import { UserError } from "../../core/errors.ts";

export interface EditorOptions {
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform | undefined;
}

/**
 * Opens files in the editor that `TALLER_EDITOR`, `VISUAL` or `EDITOR` names and waits for its end; the
 * terminal is the editor's meanwhile. Throws a UserError when none is named or it can't be started.
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
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, [...args, ...files], { stdio: "inherit", shell: platform === "win32" });
    child.once("error", (error) => reject(cannotStart(command, files, error)));
    child.once("close", () => resolve());
  });
}

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
