import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { mkdtemp, readdir, rm, statfs, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import pg from "pg";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { openPostgres } from "../../../src/services/postgres/client.ts";
import { frameOf, MessageReader } from "../../../src/services/postgres/embedded/messages.ts";
import {
  type PostgresOptions,
  type RunningPostgres,
  startPostgres,
} from "../../../src/services/postgres/embedded/server.ts";
import { readCopyFromClient, readStatements } from "../../../src/services/postgres/embedded/statements.ts";

async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "taller-pg-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function testServer(options: Partial<PostgresOptions> = {}) {
  const folder = options.folder ?? (await testFolder());
  const warnings: string[] = [];
  const server = await startPostgres({
    port: 0,
    onWarning: (message) => warnings.push(message),
    ...options,
    folder,
  });
  onTestFinished(() => server.close());
  return { ...server, folder, client: () => connected(server.url) };
}

/** A database takes seconds to make; what does not end it shares one. */
let shared: RunningPostgres;
let sharedFolder = "";
const sharedWarnings: string[] = [];
beforeAll(async () => {
  sharedFolder = await mkdtemp(join(tmpdir(), "taller-pg-"));
  shared = await startPostgres({
    folder: sharedFolder,
    port: 0,
    turnTimeoutMs: 400,
    onWarning: (message) => sharedWarnings.push(message),
  });
  return async () => {
    await shared.close();
    await rm(sharedFolder, { recursive: true, force: true });
  };
});

async function connected(url = shared.url) {
  const made = new pg.Client({ connectionString: url });
  made.on("error", () => {});
  await made.connect();
  onTestFinished(() => made.end());
  return made;
}

describe("COPY FROM STDIN", () => {
  /** Sends a COPY and its data by the protocol itself; gives the types and texts of what comes back. */
  async function copy(url: string, messages: readonly Buffer[]) {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    onTestFinished(() => void socket.destroy());
    const start = frameOf("", Buffer.from([0, 3, 0, 0]), "user", "postgres", "database", "postgres", "");
    socket.write(Buffer.concat([start, frameOf("p", "taller"), ...messages, frameOf("X")]));
    const reader = new MessageReader({ isFirst: false });
    const answers: string[] = [];
    for await (const piece of socket) {
      reader.push(piece);
      for (let message = reader.next(); message !== undefined; message = reader.next()) {
        if (!"RSKN".includes(message.type)) answers.push(message.type + readable(message.body));
      }
    }
    return answers.slice(1);
  }
  const readable = (body: Buffer) =>
    body
      .toString("latin1")
      .replace(/[^\x20-\x7e]+/g, " ")
      .trim();

  test("by the simple protocol takes in rows, and keeps the connection whatever happens", async () => {
    const { url } = shared;
    const pgClient = await connected();
    await pgClient.query("DROP TABLE IF EXISTS t; CREATE TABLE t (a int, b text)");
    const answers = await copy(url, [
      frameOf("Q", "COPY t FROM STDIN"),
      frameOf("d", Buffer.from("1\tone\n2\tt")),
      frameOf("d", Buffer.from("wo\n")),
      frameOf("c"),
      frameOf("Q", "COPY t (b, a) FROM STDIN WITH (FORMAT csv, HEADER)"),
      frameOf("d", Buffer.from('b,a\n"x, y",3\n')),
      frameOf("c"),
      frameOf("Q", "COPY t FROM STDIN"),
      frameOf("d", Buffer.from("x\tnot a number\n")),
      frameOf("c"),
      frameOf("Q", "COPY t FROM STDIN"),
      frameOf("f", "I changed my mind"),
      frameOf("Q", "SELECT 1; COPY t FROM STDIN"),
      frameOf("Q", "SELECT count(*) FROM t"),
    ]);
    expect(answers).toEqual([
      "G",
      "CCOPY 2",
      "ZI",
      "G",
      "CCOPY 1",
      "ZI",
      "G",
      expect.stringMatching(/^E.*22P02.*COPY t, line 1, column a/),
      "ZI",
      "G",
      expect.stringMatching(/^E.*57014.*I changed my mind/),
      "ZI",
      expect.stringMatching(/^E.*0A000.*COPY FROM STDIN must be sent alone/),
      "ZI",
      expect.stringContaining("Tcount"),
      "D3",
      "CSELECT 1",
      "ZI",
    ]);
    expect((await pgClient.query("SELECT a, b FROM t ORDER BY a")).rows).toEqual([
      { a: 1, b: "one" },
      { a: 2, b: "two" },
      { a: 3, b: "x, y" },
    ]);
    expect(await readdir(join(sharedFolder, "data", "taller_copy"))).toEqual([]);
  });

  test("by the extended protocol too, and an error lasts to the Sync", async () => {
    const { url } = shared;
    await (await connected()).query("DROP TABLE IF EXISTS t; CREATE TABLE t (a int, b text)");
    const extended = (sql: string) => [
      frameOf("P", "", sql, Buffer.alloc(2)),
      frameOf("B", "", "", Buffer.alloc(6)),
      frameOf("D", Buffer.from("P"), ""),
      frameOf("E", "", Buffer.alloc(4)),
      frameOf("S"),
    ];
    const answers = await copy(url, [
      ...extended("copy t from stdin"),
      frameOf("d", Buffer.from("1\tone\n")),
      frameOf("c"),
      frameOf("S"),
      ...extended("copy t from stdin"),
      frameOf("d", Buffer.from("x\tone\n")),
      frameOf("c"),
      ...extended("SELECT 'passed over'"),
      ...extended("SELECT a FROM t"),
    ]);
    expect(answers).toEqual([
      ...["1", "2", "n", "G", "CCOPY 1", "ZI"],
      ...["1", "2", "n", "G", expect.stringMatching(/^E.*22P02/), "ZI"],
      ...["1", "2", expect.stringMatching(/^Ta/), "D1", "CSELECT 1", "ZI"],
    ]);
  });

  test("in a transaction is part of it", async () => {
    const { url } = shared;
    const pgClient = await connected();
    await pgClient.query("DROP TABLE IF EXISTS t; CREATE TABLE t (a int)");
    const answers = await copy(url, [
      frameOf("Q", "BEGIN"),
      frameOf("Q", "COPY t FROM STDIN"),
      frameOf("d", Buffer.from("1\n")),
      frameOf("c"),
      frameOf("Q", "COPY t FROM STDIN"),
      frameOf("f", "no"),
      frameOf("Q", "COMMIT"),
    ]);
    expect(answers.filter((answer) => answer.startsWith("Z"))).toEqual(["ZT", "ZT", "ZE", "ZI"]);
    expect((await pgClient.query("SELECT * FROM t")).rows).toEqual([]);
  });

  test("is told from everything that only looks like it", () => {
    const isCopy = (sql: string) =>
      readStatements(sql).map((one) => readCopyFromClient(one)?.("/f") ?? one.text.trim());
    expect(isCopy("copy t from stdin")).toEqual(["copy t from '/f'"]);
    expect(
      isCopy('/* a /* nested */ */ COPY "my; table" (a, "from stdin") FROM STDIN WITH (FORMAT csv) ;'),
    ).toEqual([`/* a /* nested */ */ COPY "my; table" (a, "from stdin") FROM '/f' WITH (FORMAT csv) `]);
    for (const sql of [
      "COPY (SELECT 'from stdin') TO STDOUT",
      "COPY t FROM '/from stdin'",
      "SELECT 'COPY t FROM STDIN'",
      "SELECT $x$; COPY t FROM STDIN; $x$",
      "SELECT E'\\'; COPY t FROM STDIN; '",
      "-- COPY t FROM STDIN\nSELECT 1",
      "INSERT INTO copy SELECT a FROM stdin",
    ]) {
      expect(isCopy(sql)).toEqual([sql]);
    }
    expect(isCopy("SELECT 1; COPY t FROM STDIN; SELECT 2")).toHaveLength(3);
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom("'", '"', "$", "a", ";", "-", "/", "*", "(", ")", " ", "\n", "\\"),
        }),
        (sql) => {
          const joined = readStatements(sql).map(({ text }) => text);
          expect(joined.every((text) => sql.includes(text))).toBe(true);
        },
      ),
    );
  });
});

describe("the embedded PostgreSQL", () => {
  test("keeps what was committed over a restart, on one folder at a time", async () => {
    const folder = await testFolder();
    const first = await testServer({ folder });
    const client = await first.client();
    await client.query("CREATE TABLE kept AS SELECT 42 AS n");
    await expect(startPostgres({ folder, port: 0 })).rejects.toMatchObject({ code: "folder-in-use" });
    await first.close();
    const second = await testServer({ folder });
    expect((await (await second.client()).query("SELECT n FROM kept")).rows).toEqual([{ n: 42 }]);
    await expect(startPostgres({ folder: await testFolder(), port: second.port })).rejects.toMatchObject({
      code: "port-in-use",
    });
  });

  test("that ends under a statement is opened anew: the others are told, and what was committed is there", async () => {
    const { client } = await testServer();
    const [one, other] = [await client(), await client()];
    await one.query("CREATE TABLE kept AS SELECT 1 AS n");
    await one.query(
      "CREATE FUNCTION endless(n int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN endless(n + 1); END'",
    );
    await expect(one.query("SELECT endless(1)")).rejects.toMatchObject({ code: "57P02" });
    await expect(other.query("SELECT 1")).rejects.toThrow();
    const after = await client();
    expect((await after.query("SELECT n FROM kept")).rows).toEqual([{ n: 1 }]);
  });

  test("tells a connection that waits too long for another's transaction, and serves it afterwards", async () => {
    const [holder, other] = [await connected(), await connected()];
    await holder.query("BEGIN");
    await holder.query("CREATE TABLE held (a int)");
    await expect(other.query("SELECT 1")).rejects.toMatchObject({ code: "55P03" });
    await expect(other.query("SELECT $1::int", [1])).rejects.toMatchObject({ code: "55P03" });
    await holder.query("COMMIT");
    expect((await other.query("SELECT $1::int AS a", [7])).rows).toEqual([{ a: 7 }]);
  });

  test("drops a gone connection's temporary tables and statements, undoes what it had not ended", async () => {
    const { url } = shared;
    const other = await connected();
    await other.query("DROP TABLE IF EXISTS t; CREATE TABLE t (a int)");
    const gone = new pg.Client({ connectionString: url });
    await gone.connect();
    await gone.query("CREATE TEMP TABLE mine (a int)");
    await gone.query({ name: "mine", text: "SELECT 1" });
    await gone.end();
    await expect(other.query("SELECT * FROM mine")).rejects.toMatchObject({ code: "42P01" });
    expect((await other.query("SELECT name FROM pg_prepared_statements")).rows).toEqual([]);

    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    const start = frameOf("", Buffer.from([0, 3, 0, 0]), "user", "postgres", "database", "postgres", "");
    const insert = [
      frameOf("P", "", "INSERT INTO t VALUES (1) RETURNING a", Buffer.alloc(2)),
      frameOf("B", "", "", Buffer.alloc(6)),
      frameOf("E", "", Buffer.alloc(4)),
      frameOf("H"),
    ];
    socket.write(Buffer.concat([start, frameOf("p", "taller"), ...insert]));
    const reader = new MessageReader({ isFirst: false });
    for await (const piece of socket) {
      reader.push(piece);
      let message = reader.next();
      while (message !== undefined && message.type !== "D") message = reader.next();
      // The row is inserted; its Sync never comes.
      if (message?.type === "D") break;
    }
    expect((await other.query("SELECT a FROM t")).rows).toEqual([]);
  });

  test("is reached by its address alone, whatever PG variables people have set at work", async () => {
    const work = {
      PGSSLMODE: "require",
      PGHOST: "canary.invalid",
      PGPORT: "1",
      PGUSER: "canary",
      PGPASSWORD: "canary",
    };
    for (const [name, value] of Object.entries(work)) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const db = await openPostgres({ url: shared.url });
    expect((await db.query("SELECT current_user AS me")).rows).toEqual([{ me: "postgres" }]);
    await db.close();
  });

  test("refuses LISTEN, by either protocol, since it can't send a notification to the right one", async () => {
    const client = await connected();
    await expect(client.query("LISTEN news")).rejects.toMatchObject({ code: "0A000" });
    await expect(client.query({ text: "LISTEN news", values: [], name: "l" })).rejects.toMatchObject({
      code: "0A000",
    });
    await client.query("NOTIFY news, 'x'; UNLISTEN *");
    expect((await client.query("SELECT 'LISTEN news' AS text")).rows).toEqual([{ text: "LISTEN news" }]);
  });

  test("settings of a connection's beginning hold for it alone", async () => {
    const { url } = shared;
    const one = new pg.Client({
      connectionString: url,
      options: "-c TimeZone=Asia/Tokyo -c search_path=a,\\ b",
    });
    const two = new pg.Client({ connectionString: url });
    await Promise.all([one.connect(), two.connect()]);
    const settings = "SELECT current_setting('TimeZone') AS zone, current_setting('search_path') AS path";
    for (let round = 0; round < 3; round++) {
      expect((await one.query(settings)).rows).toEqual([{ zone: "Asia/Tokyo", path: "a, b" }]);
      expect((await two.query(settings)).rows).toEqual([{ zone: "UTC", path: "public" }]);
    }
    const wrong = new pg.Client({
      connectionString: url,
      options: "-c TimeZone=Asia/Tokyo -c no_such_setting=1",
    });
    await expect(wrong.connect()).rejects.toMatchObject({ code: "42704" });
    expect((await two.query(settings)).rows).toEqual([{ zone: "UTC", path: "public" }]);
    await Promise.all([one.end(), two.end()]);
  });

  test("bytes that are not the protocol end their own connection only", async () => {
    const { url } = shared;
    const other = await connected();
    const { hostname, port } = new URL(url);
    const start = frameOf("", Buffer.from([0, 3, 0, 0]), "user", "postgres", "database", "postgres", "");
    const letter = fc.constantFrom(..."QPBDECHSFXdcfpZ?");
    const frame = fc
      .tuple(letter, fc.uint8Array({ maxLength: 40 }))
      .map(([type, body]) => frameOf(type, Buffer.from(body)));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((raw) => Buffer.from(raw)),
      fc
        .array(
          fc.oneof(
            frame,
            fc.uint8Array({ maxLength: 9 }).map((raw) => Buffer.from(raw)),
          ),
          { maxLength: 6 },
        )
        .map((frames) => Buffer.concat([start, frameOf("p", "taller"), ...frames])),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (sent) => {
        await new Promise<void>((resolve) => {
          const socket = connect({ host: hostname, port: Number(port) });
          socket.on("error", () => {});
          socket.on("close", () => resolve());
          socket.resume();
          socket.end(sent);
        });
        expect((await other.query("SELECT $1::int AS n", [1])).rows).toEqual([{ n: 1 }]);
      }),
      { numRuns: 150 },
    );
    expect(sharedWarnings).toEqual([]);
  });
});

const canMount = process.platform === "linux" && process.getuid?.() === 0;

describe.runIf(canMount)("a full disk", () => {
  test("is an error of SQL, or of the start; what was committed stays", async () => {
    const disk = join(await testFolder(), "disk");
    mkdirSync(disk);
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=160m", "tmpfs", disk]).status).toBe(0);
    onTestFinished(() => void spawnSync("umount", ["-l", disk]));
    const folder = join(disk, "postgres");
    const server = await testServer({ folder });
    const client = await server.client();
    await client.query("CREATE TABLE kept AS SELECT 1 AS n");
    const rows = "SELECT repeat(md5(i::text), 30) AS t FROM generate_series(1, 300000) AS s(i)";
    await expect(client.query(`CREATE TABLE big AS ${rows}`)).rejects.toMatchObject({ code: "53100" });
    expect((await client.query("SELECT n FROM kept")).rows).toEqual([{ n: 1 }]);
    const { bavail, bsize } = await statfs(disk);
    await writeFile(join(disk, "filler"), Buffer.alloc(bavail * bsize - 8_000_000));
    await expect(startPostgres({ folder: join(disk, "other"), port: 0 })).rejects.toMatchObject({
      name: "UserError",
      code: "disk-enospc",
    });
    expect(await readdir(join(disk, "other"))).toEqual([]);
    await server.close();
    await rm(join(disk, "filler"));
    const again = await testServer({ folder });
    expect((await (await again.client()).query("SELECT n FROM kept")).rows).toEqual([{ n: 1 }]);
    await again.close();
  });
});
