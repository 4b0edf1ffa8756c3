import { readingOutside, writingOutside } from "./attacks/files.ts";
import { describeContainment } from "./containment.ts";
import { tsArena } from "./ts-arena.ts";

describeContainment("kind ts, reading outside", tsArena, readingOutside);
describeContainment("kind ts, writing outside", tsArena, writingOutside);
