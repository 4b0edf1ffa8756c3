import { network } from "./attacks/network.ts";
import { describeContainment } from "./containment.ts";
import { tsArena } from "./ts-arena.ts";

describeContainment("kind ts, network", tsArena, network);
