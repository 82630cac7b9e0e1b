import type { Handlers, Refused } from "../edge/handler.ts";
import { SUBPROTOCOL, refuse } from "../protocol/index.ts";
import { follow, unattend } from "./following.ts";

const offered = (header: string): string[] => header.split(",").map((name) => name.trim());

/** Why a request cannot become a socket; null if it can. */
export function upgradeRefusal(request: Request): Refused | null {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return refuse("upgrade-required", "Open this address as a WebSocket.");
  }
  const subprotocols = request.headers.get("sec-websocket-protocol");
  if (subprotocols !== null && !offered(subprotocols).includes(SUBPROTOCOL)) {
    return refuse("subprotocol-unsupported", `The subprotocol spoken here is ${SUBPROTOCOL}.`);
  }
  return null;
}

export const socketRoutes: Handlers<"followRoom"> = {
  async followRoom({ env, request, caller, address, params, query }): Promise<Response | Refused> {
    const refusal = upgradeRefusal(request);
    if (refusal !== null) return refusal;
    const attach = { caller, address, ...query };
    const followed = await follow(env, params.slug, attach);
    if (followed.is === "refused") {
      await unattend(env, params.slug, attach);
      return { ok: false, refusal: followed.refusal };
    }
    if (followed.is === "missed") throw new Error("a room answered a socket with a page");
    const headers = new Headers();
    if (request.headers.has("sec-websocket-protocol")) {
      headers.set("sec-websocket-protocol", SUBPROTOCOL);
    }
    return new Response(null, { status: 101, webSocket: followed.socket, headers });
  },
};
