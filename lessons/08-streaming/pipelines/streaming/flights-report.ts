import { type Emit, fieldsOf, tableFromRows } from "taller/author";
import type { DelayMeasured } from "./flights.ts";

/** What each delay loses, beside what it keeps in memory: there is no delay that is best for everybody. */
export function showDelays(emit: Emit, measured: readonly DelayMeasured[]): void {
  emit({
    kind: "table",
    title: {
      es: "Cuánto se pierde y cuánto se guarda, según la espera",
      en: "What is lost and what is kept, by the delay",
    },
    table: tableFromRows(
      fieldsOf({
        delay_minutes: { kind: "int32" },
        flights: { kind: "int32" },
        late: { kind: "int32" },
        lost_percent: { kind: "float64" },
        state_groups: { kind: "int32" },
        state_kilobytes: { kind: "float64" },
      }),
      measured.map((one) => ({
        delay_minutes: one.delayMinutes,
        flights: one.read,
        late: one.late,
        lost_percent: lostPercent(one),
        state_groups: one.maxStateRows,
        state_kilobytes: Math.round(one.maxStateBytes / 100) / 10,
      })),
    ),
    label: "measured",
  });
  emit({
    kind: "chart",
    label: "measured",
    chart: {
      kind: "line",
      title: { es: "Pérdida contra estado", en: "Loss against state" },
      xLabel: { es: "grupos abiertos a la vez, como mucho", en: "groups open at once, at most" },
      yLabel: { es: "% de vuelos perdidos", en: "% of flights lost" },
      series: [
        {
          name: "15–180 min",
          x: measured.map((one) => one.maxStateRows),
          y: measured.map(lostPercent),
        },
      ],
    },
  });
}

function lostPercent({ late, read }: DelayMeasured): number {
  return Math.round((late / Math.max(1, read)) * 10_000) / 100;
}
