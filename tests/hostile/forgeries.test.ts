import { forgeries, tampering } from "./attacks/forgeries.ts";
import { describeContainment } from "./containment.ts";
import { tsArena } from "./ts-arena.ts";

describeContainment("kind ts, forged answers", tsArena, forgeries);
describeContainment("kind ts, tampering", tsArena, tampering);
