import { DEPLOYMENT_ROUTES } from "./routes/deployment.ts";
import { LOG_ROUTES } from "./routes/log.ts";
import { ME_ROUTES } from "./routes/me.ts";
import { MODERATION_ROUTES } from "./routes/moderation.ts";
import { ROOMS_ROUTES } from "./routes/rooms.ts";
import type { Route } from "./routes/route.ts";
import { SIGN_IN_ROUTES } from "./routes/sign-in.ts";

export type { Route } from "./routes/route.ts";

/** Every operation of the HTTP API. Handlers live in the folders' `routes.ts`, under the same names. */
export const ROUTES = {
  ...DEPLOYMENT_ROUTES,
  ...SIGN_IN_ROUTES,
  ...ME_ROUTES,
  ...ROOMS_ROUTES,
  ...LOG_ROUTES,
  ...MODERATION_ROUTES,
} as const satisfies Record<string, Route>;

export type Operation = keyof typeof ROUTES;
