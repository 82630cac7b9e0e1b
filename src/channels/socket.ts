import type { Handlers, Refused } from "../edge/handler.ts";
import { type Refusal, SUBPROTOCOL, refuse } from "../protocol/index.ts";
import { ATTACH_HEADER, encodeAttach } from "../room/wire.ts";

const offered = (header: string): string[] => header.split(",").map((name) => name.trim());

export const socketRoutes: Handlers<"followRoom"> = {
  async followRoom({ env, request, caller, params, query }): Promise<Response | Refused> {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return refuse("upgrade-required", "Open this address as a WebSocket.");
    }
    const subprotocols = request.headers.get("sec-websocket-protocol");
    if (subprotocols !== null && !offered(subprotocols).includes(SUBPROTOCOL)) {
      return refuse("subprotocol-unsupported", `The subprotocol spoken here is ${SUBPROTOCOL}.`);
    }
    const headers = new Headers({
      upgrade: "websocket",
      [ATTACH_HEADER]: encodeAttach({ caller, ...query }),
    });
    if (subprotocols !== null) headers.set("sec-websocket-protocol", SUBPROTOCOL);
    const room = env.ROOMS.getByName(params.slug);
    const attached = await room.fetch(new Request("https://room/", { headers }));
    if (attached.status === 101) return attached;
    // Rooms that are not there for the session must not fill its account's notes.
    if (attached.status === 404 && caller !== null) {
      await env.ACCOUNTS.getByName(caller.user.id).unattend(caller.session, params.slug);
    }
    return { ok: false, refusal: await attached.json<Refusal>() };
  },
};
