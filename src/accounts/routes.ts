import { botRoutes } from "./routes/bots.ts";
import { meRoutes } from "./routes/me.ts";
import { oidcRoutes } from "./routes/oidc.ts";
import { passkeyRoutes } from "./routes/passkeys.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { signInRoutes } from "./routes/sign-in.ts";
import { signUpRoutes } from "./routes/sign-up.ts";
import { tokenRoutes } from "./routes/tokens.ts";

export const accountRoutes = {
  ...sessionRoutes,
  ...signUpRoutes,
  ...signInRoutes,
  ...oidcRoutes,
  ...passkeyRoutes,
  ...tokenRoutes,
  ...botRoutes,
  ...meRoutes,
};
