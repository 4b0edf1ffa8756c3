import { routers } from "./attacks/routers.ts";
import { describeContainment } from "./containment.ts";
import { routerArena } from "./router-arena.ts";

describeContainment("kind router", routerArena, routers);
