import type { Table } from "./table.ts";
import type { Text } from "./text.ts";

/**
 * What long work tells while it runs. Work emits, only `cli/ui` prints; `--json` is a second renderer.
 */
export type WorkEvent =
  | { readonly kind: "step-started"; readonly step: string; readonly title?: Text | undefined }
  | { readonly kind: "step-finished"; readonly step: string; readonly seconds: number }
  /** `total` is absent where it can't be known. */
  | {
      readonly kind: "progress";
      readonly task: Text;
      readonly done: number;
      readonly total?: number | undefined;
      readonly unit: "rows" | "bytes" | "files" | "percent" | "trees" | "messages";
    }
  /** How things stand now, in a few lines that take the place of the last ones: a dashboard. */
  | { readonly kind: "status"; readonly lines: readonly Text[] }
  | { readonly kind: "note"; readonly text: Text }
  | { readonly kind: "warning"; readonly text: Text }
  | { readonly kind: "table"; readonly title: Text; readonly table: Table; readonly label: NumberLabel }
  | { readonly kind: "chart"; readonly chart: Chart; readonly label: NumberLabel };

export type Emit = (event: WorkEvent) => void;

/** Where a number comes from: this run, a simulation on one machine, or a source. */
export type NumberLabel = "measured" | "simulated" | "documented";

/** A chart as data; the terminal and the page draw it. `y` may hold NaN for a gap. */
export type Chart =
  | {
      readonly kind: "bars";
      readonly title: Text;
      readonly unit: Text;
      readonly bars: readonly { readonly label: string; readonly value: number }[];
    }
  | {
      readonly kind: "line" | "scatter";
      readonly title: Text;
      readonly xLabel: Text;
      readonly yLabel: Text;
      readonly series: readonly {
        readonly name: string;
        readonly x: readonly number[];
        readonly y: readonly number[];
      }[];
    }
  | {
      readonly kind: "histogram";
      readonly title: Text;
      readonly unit: Text;
      /** `edges` has one more entry than `counts`. */
      readonly edges: readonly number[];
      readonly counts: readonly number[];
    };

/** An emitter that drops everything: for callers that only want the result. */
export const silent: Emit = () => {};
