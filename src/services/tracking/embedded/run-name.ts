import { randomInt } from "node:crypto";

const QUALITIES = [
  "amber",
  "brave",
  "calm",
  "clever",
  "cosy",
  "daring",
  "eager",
  "fair",
  "gentle",
  "golden",
  "happy",
  "hidden",
  "keen",
  "lively",
  "lucky",
  "mellow",
  "nimble",
  "patient",
  "quiet",
  "silver",
  "steady",
  "sunny",
  "swift",
  "wise",
];
const THINGS = [
  "acorn",
  "breeze",
  "canyon",
  "cedar",
  "comet",
  "delta",
  "ember",
  "falcon",
  "glacier",
  "harbour",
  "heron",
  "island",
  "lantern",
  "lynx",
  "meadow",
  "otter",
  "pebble",
  "pine",
  "raven",
  "river",
  "sparrow",
  "summit",
  "tide",
  "willow",
];

/** A name for a run that was given none: `quiet-heron-412`. */
export function inventRunName(): string {
  return `${QUALITIES[randomInt(QUALITIES.length)]}-${THINGS[randomInt(THINGS.length)]}-${randomInt(1000)}`;
}
