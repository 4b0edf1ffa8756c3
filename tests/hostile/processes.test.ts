import { earlyEnds } from "./attacks/early-ends.ts";
import { processes } from "./attacks/processes.ts";
import { describeContainment } from "./containment.ts";
import { tsArena } from "./ts-arena.ts";

describeContainment("kind ts, processes", tsArena, processes);
describeContainment("kind ts, early ends", tsArena, earlyEnds);
