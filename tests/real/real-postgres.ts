import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, realpathSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { eventually, freePort, realSystem } from "./installed.ts";

export interface RealPostgres {
  readonly url: string;
  stop(): Promise<void>;
}

/** Makes and starts a cluster of its own, as the `postgres` user where we are root: the server refuses root. */
export async function startRealPostgres(): Promise<RealPostgres> {
  // Under a home that its user may not enter there is only a link.
  const bin = realpathSync(join(realSystem("postgres").home, "bin"));
  const folder = await mkdtemp(join(tmpdir(), "taller-real-postgres-"));
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, "taller\n");
  const owner = ownerOf();
  if (owner !== undefined) for (const path of [folder, passwordFile]) chownSync(path, owner.uid, owner.gid);
  const data = join(folder, "data");
  const made = spawnSync(
    join(bin, "initdb"),
    [
      "-D",
      data,
      "-U",
      "postgres",
      "--pwfile",
      passwordFile,
      "--auth=scram-sha-256",
      "-E",
      "UTF8",
      "--no-locale",
    ],
    { encoding: "utf8", cwd: folder, ...owner },
  );
  if (made.status !== 0) throw new Error(`initdb: ${made.stdout}\n${made.stderr}`);
  const port = await freePort();
  const child = spawn(
    join(bin, "postgres"),
    ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", folder],
    {
      cwd: folder,
      stdio: "ignore",
      ...owner,
    },
  );
  const closed = once(child, "close");
  const stop = async () => {
    // Immediate shutdown: its children end with it.
    child.kill("SIGQUIT");
    await closed;
    await rm(folder, { recursive: true, force: true });
  };
  const url = `postgresql://postgres:taller@127.0.0.1:${port}/postgres`;
  try {
    await eventually(async () => {
      const client = new pg.Client({ connectionString: url });
      try {
        await client.connect();
      } finally {
        await client.end();
      }
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

function ownerOf(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  return { uid: id("-u"), gid: id("-g") };
}
