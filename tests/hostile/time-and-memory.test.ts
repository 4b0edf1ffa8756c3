import { timeAndMemory } from "./attacks/time-and-memory.ts";
import { describeContainment } from "./containment.ts";
import { tsArena } from "./ts-arena.ts";

describeContainment("kind ts, time, memory, disk and output", tsArena, timeAndMemory);
