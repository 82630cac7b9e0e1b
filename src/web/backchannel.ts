import { createBackchannel } from "../client/index.ts";

/** The one connection to the server that the whole page uses. */
export const backchannel = createBackchannel();
