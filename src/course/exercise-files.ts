import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { diskError, writeFileAtomic } from "../core/atomic-file.ts";
import { systemCode, UserError } from "../core/errors.ts";
import type { Lang } from "../core/text.ts";
import type { ExerciseFolder, LoadedExercise, Module, SubmissionFiles, Task } from "./course.ts";
import {
  createFile,
  readBytesIfThere,
  readIfThere,
  readRecord,
  recordWritten,
  stateOfFile,
} from "./kept-files.ts";
import { workspaceDirs } from "./workspace.ts";

/** A learner's copy of an exercise. */
export interface ExerciseCopy {
  /** `<workspace>/01-etl/1-clean` */
  readonly dir: string;
  /** The submission's files, in the order of the exercise's spec. Absolute. */
  readonly files: readonly string[];
  readonly readme: string;
  /** `edited`: at least one file is the learner's; `missing`: none is, and one is not there. */
  readonly state: "missing" | "untouched" | "edited";
  /** True when the learner edits a copy of an older version: `reset` offers the new starter. */
  readonly isTaskChanged: boolean;
}

/** Where a learner's copy of an exercise lies, or would lie. */
export function exerciseDir(workspace: string, module: Module, folder: ExerciseFolder): string {
  return join(workspace, basename(module.dir), basename(folder.dir));
}

/** What is there of a learner's copy; nothing is written. */
export async function inspectExercise(
  workspace: string,
  module: Module,
  exercise: LoadedExercise,
): Promise<ExerciseCopy> {
  const dir = exerciseDir(workspace, module, exercise.folder);
  const record = await readRecord(recordPath(workspace, exercise));
  const { files } = exercise.spec;
  const states = await Promise.all(
    files.map((name) => stateOfFile(join(dir, name), record, name, exercise.starter[name])),
  );
  const isEdited = states.includes("edited");
  return {
    dir,
    files: files.map((name) => join(dir, name)),
    readme: join(dir, "README.md"),
    state: isEdited ? "edited" : states.includes("missing") ? "missing" : "untouched",
    isTaskChanged: isEdited && record !== undefined && record.version < exercise.spec.version,
  };
}

/**
 * Copies an exercise out: the starter and the task as README. A file that the learner has edited is left as
 * it is; one that is still ours is brought to the present version and language.
 */
export async function copyOutExercise(input: {
  readonly workspace: string;
  readonly module: Module;
  readonly exercise: LoadedExercise;
  readonly task: Task;
  readonly lang: Lang;
}): Promise<ExerciseCopy> {
  const { workspace, module, exercise } = input;
  const before = await inspectExercise(workspace, module, exercise);
  // An edited copy of an older version keeps that version's record until `reset`.
  if (!before.isTaskChanged) await writeOurs(input, before.dir, exercise.starter);
  const readme = { "README.md": readmeOf(input.task, exercise, input.lang) };
  await writeOurs(input, before.dir, readme, before.isTaskChanged ? "keep-version" : undefined);
  return inspectExercise(workspace, module, exercise);
}

/** The learner's submission as it lies in the workspace; a missing file is left out. */
export async function readSubmission(
  workspace: string,
  module: Module,
  exercise: LoadedExercise,
): Promise<SubmissionFiles> {
  const dir = exerciseDir(workspace, module, exercise.folder);
  const texts = await Promise.all(exercise.spec.files.map((name) => readIfThere(join(dir, name))));
  return Object.fromEntries(
    exercise.spec.files.flatMap((name, index) => {
      const text = texts[index];
      return text === undefined ? [] : [[name, text]];
    }),
  );
}

export interface ResetResult {
  /** Where the learner's files are kept; undefined when nothing was edited. */
  readonly backup: string | undefined;
  /** What was written. */
  readonly files: readonly string[];
}

/**
 * Puts the starter back, after a backup of what was edited. `beside` (for a changed task): the learner's
 * files stay, and the new starter lies beside them as `clean.new.sql`.
 */
export async function resetExercise(
  workspace: string,
  module: Module,
  exercise: LoadedExercise,
  how: "replace" | "beside" = "replace",
): Promise<ResetResult> {
  const { dir, state } = await inspectExercise(workspace, module, exercise);
  const { spec, starter } = exercise;
  if (how === "beside") {
    const files = Object.fromEntries(spec.files.map((name) => [besideName(name), starter[name] ?? ""]));
    for (const [name, text] of Object.entries(files)) await writeFileAtomic(join(dir, name), text);
    // From here on the copy counts as one of the present version, whose starter the learner has seen.
    await recordWritten(recordPath(workspace, exercise), spec.version, {});
    return { backup: undefined, files: Object.keys(files).map((name) => join(dir, name)) };
  }
  const backup = state === "edited" ? await backUp(workspace, exercise, dir) : undefined;
  await recordWritten(recordPath(workspace, exercise), spec.version, starter);
  for (const name of spec.files) await writeFileAtomic(join(dir, name), starter[name] ?? "");
  return { backup, files: spec.files.map((name) => join(dir, name)) };
}

/**
 * Brings the newest backup back; what is there now becomes the newest backup, so that a second undo is a
 * redo. Throws a UserError (usage) when there is none.
 */
export async function undoReset(
  workspace: string,
  module: Module,
  exercise: LoadedExercise,
): Promise<ResetResult> {
  const dir = exerciseDir(workspace, module, exercise.folder);
  const [newest] = await listBackups(workspace, exercise);
  if (newest === undefined) {
    throw new UserError({
      fault: "usage",
      code: "nothing-to-undo",
      what: {
        es: `No hay ninguna copia de «${exercise.folder.id}» que recuperar.`,
        en: `There is no backup of "${exercise.folder.id}" to bring back.`,
      },
      where: dir,
    });
  }
  const kept = await Promise.all(exercise.spec.files.map((name) => readBytesIfThere(join(newest, name))));
  const backup = await backUp(workspace, exercise, dir);
  const files: string[] = [];
  for (const [index, name] of exercise.spec.files.entries()) {
    const bytes = kept[index];
    if (bytes === undefined) continue;
    await writeFileAtomic(join(dir, name), bytes);
    files.push(join(dir, name));
  }
  await rm(newest, { recursive: true, force: true });
  return { backup, files };
}

/** Folders of backups, the newest first. */
export async function listBackups(workspace: string, exercise: LoadedExercise): Promise<string[]> {
  const parent = backupFolder(workspace, exercise);
  try {
    const names = (await readdir(parent)).filter((name) => !name.startsWith("."));
    return names
      .sort()
      .reverse()
      .map((name) => join(parent, name));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** `clean.sql` → `clean.new.sql`, `Dockerfile` → `Dockerfile.new`. */
function besideName(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? `${name.slice(0, dot)}.new${name.slice(dot)}` : `${name}.new`;
}

/** Writes files that are missing or still ours, and records them first. */
async function writeOurs(
  input: { readonly workspace: string; readonly exercise: LoadedExercise },
  dir: string,
  contents: Readonly<Record<string, string>>,
  version?: "keep-version",
): Promise<void> {
  const path = recordPath(input.workspace, input.exercise);
  const record = await readRecord(path);
  const current = input.exercise.spec.version;
  const states = await Promise.all(
    Object.entries(contents).map(async ([name, text]) => ({
      name,
      text,
      state: await stateOfFile(join(dir, name), record, name, text),
      isSame: (await readIfThere(join(dir, name))) === text,
    })),
  );
  const recorded = version === undefined ? current : (record?.version ?? current);
  if (record?.version !== recorded || states.some((one) => !one.isSame))
    await recordWritten(path, recorded, contents);
  for (const { name, text, state, isSame } of states) {
    if (state === "missing") await createFile(join(dir, name), text);
    else if (state === "ours" && !isSame) await writeFileAtomic(join(dir, name), text);
  }
}

function recordPath(workspace: string, exercise: LoadedExercise): string {
  return join(workspaceDirs(workspace).state, "copies", `${exercise.folder.id}.json`);
}

function backupFolder(workspace: string, exercise: LoadedExercise): string {
  return join(workspaceDirs(workspace).backups, exercise.folder.id);
}

/** Copies the submission's files into a new backup folder, which appears whole. */
async function backUp(workspace: string, exercise: LoadedExercise, dir: string): Promise<string> {
  const parent = backupFolder(workspace, exercise);
  const existing = (await listBackups(workspace, exercise))[0];
  const last = existing === undefined ? 0 : Number.parseInt(basename(existing), 10);
  const name = `${String(last + 1).padStart(6, "0")}-${randomBytes(3).toString("hex")}`;
  const beside = join(parent, `.${name}.tmp`);
  try {
    await mkdir(beside, { recursive: true });
    for (const file of exercise.spec.files) {
      const bytes = await readBytesIfThere(join(dir, file));
      if (bytes !== undefined) await writeFile(join(beside, file), bytes);
    }
    await rename(beside, join(parent, name));
  } catch (error) {
    throw diskError(error, parent);
  }
  return join(parent, name);
}

function readmeOf(task: Task, exercise: LoadedExercise, lang: Lang): string {
  const { id } = exercise.folder;
  const files = exercise.spec.files.map((name) => `\`${name}\``).join(", ");
  const foot =
    lang === "es"
      ? `Escribe en ${files} y corrige con:\n\n    taller check ${id}\n\nUna pista: \`taller hint ${id}\` · volver a empezar: \`taller reset ${id}\``
      : `Write in ${files} and check it with:\n\n    taller check ${id}\n\nA hint: \`taller hint ${id}\` · start again: \`taller reset ${id}\``;
  return `# ${task.title}\n\n${task.markdown}\n\n---\n\n${foot}\n`;
}
