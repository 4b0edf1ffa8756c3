import type { Channel } from "../harness/channel.ts";
import { serve } from "../harness/serve.ts";
import type { SqlInit, SqlRequest } from "./protocol.ts";
import type { OpenDatabase } from "./sql-database.ts";
import { SqlSession } from "./sql-session.ts";

/** What the SQL harnesses do after their engine is loaded: a session for each case, until the process ends. */
export function serveSessions(channel: Channel, openDatabase: OpenDatabase): void {
  channel.send({ kind: "booted" });
  const init = channel.begin.init as SqlInit;
  const sessions = new Map<number, SqlSession>();
  const sessionOf = (id: number): SqlSession => {
    const session = sessions.get(id);
    if (session === undefined) throw new Error(`no session ${id}`);
    return session;
  };
  const answer = async (body: unknown): Promise<unknown> => {
    const request = body as SqlRequest;
    switch (request.kind) {
      case "open":
        sessions.set(request.session, new SqlSession(init, await openDatabase(init, request)));
        return undefined;
      case "run":
        return sessionOf(request.session).run();
      case "result":
        return sessionOf(request.session).result(request.name);
      case "query":
        return sessionOf(request.session).query(request.sql);
      case "close":
        await sessions.get(request.session)?.close();
        sessions.delete(request.session);
        return undefined;
    }
  };
  // The answers are this harness's own: no code of the learner's can put anything else into them.
  serve(channel, answer, () => {});
}
