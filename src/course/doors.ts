/**
 * The doors that bundled files of a course see, by import name: the modules of this very process, so that
 * a class or a symbol is the same on both sides (an `instanceof UserError` holds).
 */
const REGISTRY = Symbol.for("taller.doors");

export type DoorName = "taller" | "taller/author";

/** Puts the doors where {@link doorSource} finds them, and gives them. Nothing is loaded before the first call. */
export async function openDoors(): Promise<Readonly<Record<DoorName, object>>> {
  const doors = { taller: await import("../index.ts"), "taller/author": await import("../author.ts") };
  Object.defineProperty(globalThis, REGISTRY, { value: doors, configurable: true });
  return doors;
}

/** The text of a module that re-exports a door of this process. */
export function doorSource(name: DoorName, door: object): string {
  const names = Object.keys(door).filter((key) => key !== "default");
  const lines = names.map((key) => `export const ${key} = door[${JSON.stringify(key)}];`);
  return `const door = globalThis[Symbol.for("taller.doors")][${JSON.stringify(name)}];\n${lines.join("\n")}\n`;
}
