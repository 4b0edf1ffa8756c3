/** Of kinds `ts` and `router`. */
export interface BundleInit {
  /** `file:` URL of the bundle in the run's folder. */
  readonly bundleUrl: string;
}

export type TsRequest =
  /** Gives the names of the exported functions. */
  | { readonly kind: "load" }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly unknown[] };
