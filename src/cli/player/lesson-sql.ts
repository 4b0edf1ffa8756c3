import type { LessonSession } from "../../course/lesson-session.ts";
import { runTry } from "../../course/run-block.ts";
import { quoteName } from "../../engines/engine.ts";
import type { LessonPlay } from "./lesson-play.ts";
import { runSqlPrompt, type SqlSource } from "./sql-prompt.ts";

/** The prompt on a lesson's tables. */
export async function lessonSqlPrompt(play: LessonPlay, sample: string | undefined): Promise<void> {
  await runSqlPrompt({
    screen: play.screen,
    source: sessionSource(play.session),
    historyPath: play.historyPath,
    signal: play.signal,
    sample,
  });
}

/** A lesson's session for the SQL prompt: its inputs are made when a statement names them. */
export function sessionSource(session: LessonSession): SqlSource {
  return {
    query: (sql, options) => runTry(session, sql, options),
    tables: async () => {
      await session.prepare(undefined);
      const engine = await session.engine();
      return Promise.all(
        session.inputs.map(async (name) => ({
          name,
          fields: await engine.describe(`SELECT * FROM ${quoteName(name)}`),
        })),
      );
    },
  };
}
