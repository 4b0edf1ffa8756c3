import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningPostgres, startPostgres } from "../../src/services/postgres/embedded/server.ts";
import { postgresContract } from "../services/postgres/contract.ts";
import { realSystem } from "./installed.ts";
import { type RealPostgres, startRealPostgres } from "./real-postgres.ts";

const { home, python, isSkipped, note } = realSystem("postgres");
const run = promisify(execFile);

describe.skipIf(isSkipped)(`PostgreSQL${note}`, () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await startRealPostgres();
  });
  afterAll(() => postgres?.stop());

  describe("as a client sees it", () => postgresContract(async () => postgres));
});

describe.skipIf(isSkipped)(`the embedded PostgreSQL${note}`, () => {
  let server: RunningPostgres;
  let folder = "";
  const warnings: string[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "taller-pg-foreign-"));
    server = await startPostgres({
      folder: join(folder, "postgres"),
      port: 0,
      onWarning: (message) => warnings.push(message),
    });
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
    expect(warnings).toEqual([]);
  });

  test("serves psql: results, errors, \\d, \\copy both ways, COPY FROM STDIN, a script in one transaction", async () => {
    const psql = async (...args: string[]) =>
      (
        await run(join(home, "bin", "psql"), ["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", server.url, ...args])
      ).stdout.trim();
    const csv = join(folder, "in.csv");
    await writeFile(csv, 'id,name\n1,"one, two"\n2,ñ\n');
    expect(await psql("-c", "CREATE TABLE people (id int PRIMARY KEY, name text)")).toBe("CREATE TABLE");
    expect(await psql("-c", `\\copy people FROM '${csv}' CSV HEADER`)).toBe("COPY 2");
    expect(await psql("-c", "SELECT * FROM people ORDER BY id")).toBe("1|one, two\n2|ñ");
    expect(await psql("-c", "\\copy (SELECT name FROM people ORDER BY id DESC) TO STDOUT")).toBe(
      "ñ\none, two",
    );
    expect(await psql("-c", "\\d people")).toContain("id|integer||not null|");
    await expect(psql("-c", "SELECT * FROM nobody")).rejects.toMatchObject({
      stderr: expect.stringContaining('relation "nobody" does not exist'),
    });
    const script =
      "BEGIN;\nCOPY people FROM STDIN;\n3\tthree\n\\.\nINSERT INTO people VALUES (4, 'four');\nCOMMIT;\n";
    const child = spawn(join(home, "bin", "psql"), ["-X", "-q", "-v", "ON_ERROR_STOP=1", server.url], {
      stdio: ["pipe", "ignore", "pipe"],
    });
    child.stdin.end(script);
    expect(await text(child.stderr)).toBe("");
    expect(await psql("-c", "SELECT count(*) FROM people")).toBe("4");
  });

  test("serves psycopg and pandas: parameters, types, COPY, pools, prepared statements, pipelines", async () => {
    const script = fileURLToPath(new URL("./postgres_psycopg.py", import.meta.url));
    const { stdout } = await run(python, [script, server.url]);
    expect(stdout.trim().split("\n")).toEqual([
      "types",
      "transactions",
      "copy",
      "prepared",
      "pipeline",
      "pool",
      "pandas",
    ]);
  });
});
