/** Of kinds `ts` and `router`. */
export interface BundleInit {
  /** Of the bundle in the run's folder. */
  readonly path: string;
  /** `esm` only where the file awaits while it loads. */
  readonly format: "cjs" | "esm";
}

export type TsRequest =
  /** Gives the names of the exported functions. */
  | { readonly kind: "load" }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly unknown[] };
