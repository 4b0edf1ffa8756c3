import { openChannel } from "../harness/channel.ts";
import { serve } from "../harness/serve.ts";
import { openLocked } from "./locked-database.ts";
import type { SqlInit, SqlRequest } from "./protocol.ts";
import { SqlSession } from "./sql-session.ts";

// The sandbox of kind `sql`: DuckDB, and no JavaScript of the learner's. DuckDB is loaded by now, so a
// process that was started ahead has those 170 ms behind it.
const channel = openChannel();
channel.send({ kind: "booted" });
const init = channel.begin.init as SqlInit;
const sessions = new Map<number, SqlSession>();

serve(channel, answer, () => {});

async function answer(body: unknown): Promise<unknown> {
  const request = body as SqlRequest;
  switch (request.kind) {
    case "open":
      sessions.set(request.session, new SqlSession(init, await openLocked(init, request)));
      return undefined;
    case "run":
      return sessionOf(request.session).run();
    case "result":
      return sessionOf(request.session).result(request.name);
    case "query":
      return sessionOf(request.session).query(request.sql);
    case "close":
      sessions.get(request.session)?.close();
      sessions.delete(request.session);
      return undefined;
  }
}

function sessionOf(id: number): SqlSession {
  const session = sessions.get(id);
  if (session === undefined) throw new Error(`no session ${id}`);
  return session;
}
