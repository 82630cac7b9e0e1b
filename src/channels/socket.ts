import type { Handlers, Refused } from "../edge/handler.ts";
import { type Refusal, SUBPROTOCOL, refuse } from "../protocol/index.ts";
import { ATTACH_HEADER, encodeAttach } from "../room/wire.ts";

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
  async followRoom({ env, request, caller, params, query }): Promise<Response | Refused> {
    const refusal = upgradeRefusal(request);
    if (refusal !== null) return refusal;
    const subprotocols = request.headers.get("sec-websocket-protocol");
    const headers = new Headers({
      upgrade: "websocket",
      [ATTACH_HEADER]: encodeAttach({ caller, ...query }),
    });
    if (subprotocols !== null) headers.set("sec-websocket-protocol", SUBPROTOCOL);
    const room = env.ROOMS.getByName(params.slug);
    const attached = await room.fetch(new Request("https://room/", { headers }));
    if (attached.status === 101) return attached;
    // Rooms that let the session not in must not fill its account's notes.
    if (caller !== null) {
      await env.ACCOUNTS.getByName(caller.user.id).unattend(caller.session, params.slug);
    }
    return { ok: false, refusal: await attached.json<Refusal>() };
  },
};
