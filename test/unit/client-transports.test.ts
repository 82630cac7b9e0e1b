import type { TransportName } from "../../src/client/index.ts";
import type { User } from "../../src/protocol/index.ts";
import { ADA, BOB } from "../support/client/people.ts";
import { transportSuite, type World } from "../support/client/suite.ts";
import { Wires } from "../support/client/wires.ts";

const PEOPLE: Record<string, User> = { Ada: ADA, Bob: BOB };
const EVE: User = { id: "u_eveeeeeeeeeeeeee", name: "Eve", kind: "guest" };

function open(transport: TransportName): World {
  const wires = new Wires();
  return {
    slug: "lobby",
    arrive: async (name) => {
      const user = name === null ? null : (PEOPLE[name] ?? null);
      return wires.client(user, { transports: [transport] });
    },
    say: async (texts) => {
      for (const text of texts) wires.room.say(EVE, text);
    },
    cut: async () => wires.cut(),
    until: (is) => wires.until(is),
    close: async () => {},
  };
}

for (const transport of ["websocket", "sse", "poll"] as const) {
  transportSuite(transport, async () => open(transport));
}
