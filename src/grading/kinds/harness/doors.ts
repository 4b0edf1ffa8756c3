/**
 * Where the harness leaves the libraries that a submission may import, while it loads. The bundle's
 * virtual modules read them from here, so that no node_modules is readable in the sandbox.
 */
export const DOORS: unique symbol = Symbol.for("taller.doors");
