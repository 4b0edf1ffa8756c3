import { randomBytes } from "node:crypto";
import pg from "pg";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openPostgres, type Postgres } from "../../../src/services/postgres/client.ts";

/** What every PostgreSQL must do for us and for other clients; run against the embedded one and against a real one. */
export function postgresContract(open: () => Promise<{ readonly url: string }>): void {
  let url = "";
  let db: Postgres;
  const schema = `taller_contract_${randomBytes(4).toString("hex")}`;

  beforeAll(async () => {
    ({ url } = await open());
    db = await openPostgres({ url, schema });
    return async () => {
      await db.query(`DROP SCHEMA ${schema} CASCADE`);
      await db.close();
    };
  });

  const connected = async () => {
    const client = new pg.Client({ connectionString: url, options: `-c search_path=${schema}` });
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  };

  describe("our interface", () => {
    test("types come back in the documented forms", async () => {
      const { rows, rowCount } = await db.query(`
        SELECT true AS yes, 2::smallint AS small, 1.5::float8 AS double, 9007199254740993 AS big,
          count(*) AS n, 12345678901234567890.123456789::numeric AS exact, 'NaN'::numeric AS nan,
          DATE '2024-02-29' AS day, TIMESTAMPTZ '2024-01-05 10:00:00.123456+02' AS at, TIMESTAMP '2024-01-05 10:00:00' AS local,
          'infinity'::timestamptz AS ever, '{"a":[1,null]}'::jsonb AS doc, '\\x00ff'::bytea AS bytes, NULL::int AS nothing,
          ARRAY[1, NULL]::bigint[] AS bigs, ARRAY['a,"b', NULL, '{x}'] AS texts, ARRAY[1.50, 2]::numeric[] AS exacts,
          ARRAY[DATE '2024-01-01'] AS days, ARRAY[TIMESTAMPTZ '2024-01-01 00:00+00'] AS ats, 'ñ\u{1f600}' AS text, INTERVAL '1 day' AS span`);
      expect(rowCount).toBe(1);
      expect(rows[0]).toEqual({
        yes: true,
        small: 2,
        double: 1.5,
        big: 9_007_199_254_740_993n,
        n: 1n,
        exact: "12345678901234567890.123456789",
        nan: "NaN",
        day: "2024-02-29",
        at: "2024-01-05T08:00:00.123456Z",
        local: "2024-01-05T10:00:00Z",
        ever: "infinity",
        doc: { a: [1, null] },
        bytes: Buffer.from([0, 255]),
        nothing: null,
        bigs: [1n, null],
        texts: ['a,"b', null, "{x}"],
        exacts: ["1.50", "2"],
        days: ["2024-01-01"],
        ats: ["2024-01-01T00:00:00Z"],
        text: "ñ\u{1f600}",
        span: "1 day",
      });
    });

    test("values are bound, whatever they hold", async () => {
      const values = [
        "'; DROP TABLE x; --",
        9_007_199_254_740_993n,
        "2024-01-05T08:00:00.123456Z",
        "0.1",
        null,
        [1n, null],
      ];
      const { rows } = await db.query(
        "SELECT $1::text AS a, $2::bigint AS b, $3::timestamptz AS c, $4::numeric AS d, $5::date AS e, $6::bigint[] AS f",
        values,
      );
      expect(Object.values(rows[0] ?? {})).toEqual(values);
    });

    test("a transaction is committed whole, or not at all", async () => {
      await db.query("CREATE TABLE atomic (id int PRIMARY KEY)");
      const result = await db.transaction(async (tx) => {
        await tx.query("INSERT INTO atomic VALUES (1), (2)");
        return (await tx.query("SELECT * FROM atomic")).rowCount;
      });
      expect(result).toBe(2);
      const failing = db.transaction(async (tx) => {
        await tx.query("INSERT INTO atomic VALUES (3)");
        await tx.query("INSERT INTO atomic VALUES (1)");
      });
      await expect(failing).rejects.toMatchObject({ code: "23505" });
      const thrown = db.transaction(async (tx) => {
        await tx.query("DELETE FROM atomic");
        throw new Error("changed my mind");
      });
      await expect(thrown).rejects.toThrow("changed my mind");
      expect((await db.query("SELECT id FROM atomic ORDER BY id")).rows).toEqual([{ id: 1 }, { id: 2 }]);
    });

    test("an upsert inserts, replaces, keeps the last of a key, and says how many", async () => {
      await db.query(
        "CREATE TABLE scores (lead bigint, day date, score numeric(6,3), note text, PRIMARY KEY (lead, day))",
      );
      const columns = (leads: bigint[], scores: (string | null)[], notes: (string | null)[]) => ({
        lead: { type: "bigint", values: leads },
        day: { type: "date", values: leads.map(() => "2024-01-05") },
        score: { type: "numeric(6,3)", values: scores },
        note: { type: "text", values: notes },
      });
      const key = ["lead", "day"];
      const first = columns([1n, 2n, 1n], ["0.5", "0.25", "0.75"], ["a", 'x,"y" {z}\\', null]);
      expect(await db.upsert({ table: "scores", columns: first, key })).toBe(2);
      expect(
        await db.upsert({
          table: [schema, "scores"],
          columns: columns([2n, 3n], ["1", null], [null, "c"]),
          key,
        }),
      ).toBe(2);
      const { rows } = await db.query("SELECT lead, score, note FROM scores ORDER BY lead");
      expect(rows).toEqual([
        { lead: 1n, score: "0.750", note: null },
        { lead: 2n, score: "1.000", note: null },
        { lead: 3n, score: null, note: "c" },
      ]);
      expect(await db.upsert({ table: "scores", columns: columns([], [], []), key })).toBe(0);
    });

    test("an upsert of 25,000 rows twice changes nothing the second time", async () => {
      await db.query("CREATE TABLE many (id int PRIMARY KEY, value float8)");
      const ids = Array.from({ length: 25_000 }, (_, i) => i);
      const columns = {
        id: { type: "int", values: ids },
        value: { type: "float8", values: ids.map((i) => i / 7) },
      };
      for (let time = 0; time < 2; time++) {
        expect(await db.upsert({ table: "many", columns, key: ["id"] })).toBe(25_000);
        const { rows } = await db.query("SELECT count(*) AS n, sum(value) AS s FROM many");
        expect(rows).toEqual([{ n: 25_000n, s: expect.closeTo((25_000 * 24_999) / 14, 3) }]);
      }
    });
  });

  describe("other connections", () => {
    test("see what is committed and not what is not", async () => {
      const [one, two] = [await connected(), await connected()];
      await one.query("CREATE TABLE seen (id int)");
      await one.query("INSERT INTO seen VALUES (1)");
      expect((await two.query("SELECT id FROM seen")).rows).toEqual([{ id: 1 }]);
      await one.query("BEGIN");
      await one.query("INSERT INTO seen VALUES (2)");
      await one.query("ROLLBACK");
      expect((await two.query("SELECT id FROM seen")).rows).toEqual([{ id: 1 }]);
    });

    test("at once, never get each other's answers, statements or settings", async () => {
      const clients = await Promise.all(Array.from({ length: 6 }, connected));
      await Promise.all(
        clients.map(async (client, i) => {
          await client.query(`SET application_name = 'client ${i}'`);
          await client.query(`SET TIME ZONE '${i}'`);
          for (let round = 0; round < 30; round++) {
            // Parameters go by the extended protocol; the named statement is another one for each client.
            const unnamed = await client.query("SELECT $1::int AS who, $2::int AS round", [i, round]);
            expect(unnamed.rows).toEqual([{ who: i, round }]);
            const named = {
              name: "same name",
              text: `SELECT ${i} AS who, $1::int AS round`,
              values: [round],
            };
            expect((await client.query(named)).rows).toEqual([{ who: i, round }]);
            const settings =
              "SELECT current_setting('TimeZone') AS zone, current_setting('application_name') AS name";
            expect((await client.query(settings)).rows).toEqual([
              { zone: `<+0${i}>-0${i}`.replace("<+00>-00", "<+00>-00"), name: `client ${i}` },
            ]);
          }
        }),
      );
    });

    test("in transactions add up, however they are mixed", async () => {
      const setup = await connected();
      await setup.query("CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL)");
      await setup.query("INSERT INTO counters VALUES (1, 0)");
      const clients = await Promise.all(Array.from({ length: 5 }, connected));
      await Promise.all(
        clients.map(async (client) => {
          for (let round = 0; round < 20; round++) {
            await client.query("BEGIN");
            const { rows } = await client.query("SELECT n FROM counters WHERE id = $1 FOR UPDATE", [1]);
            await client.query("UPDATE counters SET n = $1 WHERE id = 1", [rows[0]?.n + 1]);
            await client.query(round % 4 === 3 ? "ROLLBACK" : "COMMIT");
          }
        }),
      );
      expect((await setup.query("SELECT n FROM counters")).rows).toEqual([{ n: 75 }]);
    });

    test("that end in the middle of a transaction leave nothing of it", async () => {
      const [setup, dying] = [
        await connected(),
        new pg.Client({ connectionString: url, options: `-c search_path=${schema}` }),
      ];
      await setup.query("CREATE TABLE unfinished (id int)");
      dying.on("error", () => {});
      await dying.connect();
      await dying.query("BEGIN");
      await dying.query("INSERT INTO unfinished VALUES (1)");
      // As a killed process ends: without a word.
      (dying as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
      await setup.query("INSERT INTO unfinished VALUES (2)");
      expect((await setup.query("SELECT id FROM unfinished")).rows).toEqual([{ id: 2 }]);
    });

    test("get an error by its code, and go on", async () => {
      const client = await connected();
      await expect(client.query("SELECT * FROM nothing")).rejects.toMatchObject({ code: "42P01" });
      await expect(client.query("SELECT $1::int", ["x"])).rejects.toMatchObject({ code: "22P02" });
      await expect(client.query("SELEC 1")).rejects.toMatchObject({ code: "42601", position: "1" });
      await client.query("BEGIN");
      await expect(client.query("SELECT 1/0")).rejects.toMatchObject({ code: "22012" });
      await expect(client.query("SELECT 1")).rejects.toMatchObject({ code: "25P02" });
      await client.query("ROLLBACK");
      expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    });

    test("free their prepared statements without touching the others'", async () => {
      const [one, two] = [await connected(), await connected()];
      const named = (n: number) => ({ name: "kept", text: "SELECT $1::int AS n", values: [n] });
      await one.query(named(1));
      await two.query(named(2));
      await one.query("DEALLOCATE ALL");
      expect((await two.query(named(3))).rows).toEqual([{ n: 3 }]);
      await expect(one.query(named(4))).rejects.toMatchObject({ code: "26000" });
    });

    test("prepare by SQL under the same name, each its own", async () => {
      const [one, two] = [await connected(), await connected()];
      await one.query("PREPARE mine (int) AS SELECT $1 AS n");
      await two.query('PREPARE "mine" (int) AS SELECT $1 * 10 AS n');
      expect((await one.query("EXECUTE mine(1)")).rows).toEqual([{ n: 1 }]);
      expect((await two.query("EXECUTE mine(2)")).rows).toEqual([{ n: 20 }]);
      await one.query("DEALLOCATE mine");
      expect((await two.query("EXECUTE mine(3)")).rows).toEqual([{ n: 30 }]);
      await expect(one.query("EXECUTE mine(4)")).rejects.toMatchObject({ code: "26000" });
      await two.query("DISCARD ALL");
      await expect(two.query("EXECUTE mine(5)")).rejects.toMatchObject({ code: "26000" });
    });

    test("with wrong words are not let in", async () => {
      const wrong = url.replace(/:[^:@/]+@/, ":wrong@");
      await expect(openPostgres({ url: wrong })).rejects.toMatchObject({
        name: "UserError",
        code: "postgres-refused",
        where: expect.not.stringContaining("wrong"),
      });
    });
  });

  test("a large result and a large value come whole", async () => {
    const client = await connected();
    const { rows } = await client.query(
      "SELECT i, repeat('x', 100) AS t FROM generate_series(1, 50000) AS s(i)",
    );
    expect(rows).toHaveLength(50_000);
    expect(rows.at(-1)).toEqual({ i: 50_000, t: "x".repeat(100) });
    const large = "y".repeat(5_000_000);
    expect((await client.query("SELECT length($1) AS n, $1 AS t", [large])).rows).toEqual([
      { n: 5_000_000, t: large },
    ]);
  });
}
