import { appendFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StateLog } from "../../../../src/services/kafka/embedded/state-log.ts";
import { withFolder } from "../folder.ts";

const key = fc.constantFrom("a", "b", "c", "ñ");
const change = fc.tuple(key, fc.option(fc.jsonValue(), { nil: undefined }));

describe("a state log", () => {
  it("holds after any changes, and after it is opened anew, what a map would", () => {
    fc.assert(
      fc.property(fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { maxLength: 20 }), (puts) => {
        withFolder((folder) => {
          const path = join(folder, "x.state");
          const log = new StateLog(path);
          const model = new Map<string, unknown>();
          for (const changes of puts) {
            log.put(changes);
            for (const [name, value] of changes)
              if (value === undefined) model.delete(name);
              else model.set(name, JSON.parse(JSON.stringify(value)));
          }
          const sorted = (entries: Iterable<readonly [string, unknown]>) => [...entries].sort();
          expect(sorted(log.entries())).toEqual(sorted(model));
          log.close();
          const again = new StateLog(path);
          expect(sorted(again.entries())).toEqual(sorted(model));
          again.close();
        });
      }),
      { numRuns: 50 },
    );
  });

  it("loses only a change that was torn, and goes on", () => {
    withFolder((folder) => {
      const path = join(folder, "x.state");
      const log = new StateLog(path);
      log.put([["a", 1]]);
      const { size } = statSync(path);
      log.put([
        ["a", 2],
        ["b", 2],
      ]);
      log.close();
      truncateSync(path, statSync(path).size - 1);
      const torn = new StateLog(path);
      expect(torn.entries()).toEqual([["a", 1]]);
      expect(statSync(path).size).toBe(size);
      torn.put([["c", 3]]);
      torn.close();
      appendFileSync(path, Buffer.from([0, 0, 0, 9, 1, 2, 3]));
      const again = new StateLog(path);
      expect(again.entries()).toEqual([
        ["a", 1],
        ["c", 3],
      ]);
      again.close();
    });
  });

  it("is written anew when most of it is outdated", () => {
    withFolder((folder) => {
      const path = join(folder, "x.state");
      const log = new StateLog(path);
      const value = "v".repeat(10_000);
      for (let i = 0; i < 400; i++) log.put([["only", `${value}${i}`]]);
      expect(statSync(path).size).toBeLessThan(1_200_000);
      log.close();
      const again = new StateLog(path);
      expect(again.entries()).toEqual([["only", `${value}399`]]);
      again.close();
    });
  });
});
