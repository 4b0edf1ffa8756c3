import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/core/effects.ts";
import type { Exercise } from "../../src/grading/exercise.ts";
import { grade } from "../../src/grading/grade.ts";
import { endPrestart } from "../../src/grading/kinds/open.ts";
import { markedProcesses } from "../../src/grading/sandbox/processes.ts";
import type { Verdict } from "../../src/grading/verdict.ts";
import type { Attack } from "./attack.ts";
import { openWorld, type Target, type World } from "./world.ts";

/** How a kind makes an exercise and its files of an attack. */
export interface Arena {
  spec(attack: Attack, target: Target): Exercise;
  files(source: string, target: Target): Record<string, string>;
  readonly solution: string;
}

/** The tests of one group of attacks: each one is contained and said plainly, and its benign sister passes. */
export function describeContainment(title: string, arena: Arena, attacks: readonly Attack[]): void {
  describe(title, () => {
    let world: World;
    let cacheFolder: string;
    /** Benign sisters that many attacks share are graded once. */
    const passed = new Set<string>();
    const gradeSource = (attack: Attack, source: string): Promise<Verdict> =>
      grade({
        exercise: {
          id: "hostile/attack",
          dir: cacheFolder,
          spec: arena.spec(attack, world.target),
          solution: arena.files(arena.solution, world.target),
          wrong: {},
        },
        submission: arena.files(source, world.target),
        cacheFolder,
        dataFolder: cacheFolder,
        clock: systemClock,
        typeCheck: false,
      });

    beforeAll(async () => {
      world = await openWorld();
      cacheFolder = mkdtempSync(join(tmpdir(), "taller-hostile-"));
    });

    afterAll(async () => {
      await endPrestart();
      await world.close();
      rmSync(cacheFolder, { recursive: true, force: true });
    });

    for (const attack of attacks) {
      test.skipIf(attack.isMissing === true)(attack.name, async () => {
        const before = world.outsideState();
        const verdict = await gradeSource(attack, attack.attack);
        expect(verdict.passed).toBe(false);
        if (attack.expected === "failed") expect(verdict.state).toBe("failed");
        else
          expect(verdict.problem).toBeOneOf(
            [attack.expected].flat().map((part) => expect.objectContaining(part)),
          );
        expect(JSON.stringify(verdict, bigintAsText)).not.toContain(world.secret);
        await endPrestart();
        await expectNothingLeft();
        expect(world.contacts()).toBe(0);
        expect(world.outsideState()).toBe(before);
        const benign = JSON.stringify([attack.benign, attack.limits]);
        if (!passed.has(benign)) {
          expect(await gradeSource(attack, attack.benign)).toMatchObject({ passed: true });
        }
        passed.add(benign);
      });
    }
  });
}

/** No process and no folder of ours is left, a second after the verdict at the latest. */
async function expectNothingLeft(): Promise<void> {
  const marker = `taller-run-${process.pid}-`;
  const deadlineMs = Date.now() + 1_000;
  let left = await markedProcesses(marker);
  while (left.length > 0 && Date.now() < deadlineMs) left = await markedProcesses(marker);
  expect(left).toEqual([]);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(marker))).toEqual([]);
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** True where a program of the system is there to be attacked with. */
export function has(path: string): boolean {
  return existsSync(path);
}
