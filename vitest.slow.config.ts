import { defineConfig } from "vitest/config";

/** Kills, millions of rows: what `.ci/run` runs beside `npm test`. They work on the built program. */
export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"] } },
  test: {
    include: ["tests/slow/**/*.test.ts"],
    testTimeout: 1_200_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: ["verbose"],
  },
});
