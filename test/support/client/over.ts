import type { BackchannelOptions, TransportName } from "../../../src/client/index.ts";
import { ADA } from "./people.ts";
import { Wires } from "./wires.ts";

/** A feed over one transport, live. */
export async function over(transport: TransportName, options: BackchannelOptions = {}) {
  const wires = new Wires();
  const client = wires.client(ADA, { transports: [transport], ...options });
  const feed = client.follow("lobby", { after: 0 });
  const states: string[] = [];
  const seqs: number[] = [];
  feed.on("state", ({ is }) => states.push(is));
  feed.on("event", ({ seq }) => seqs.push(seq));
  await wires.until(() => feed.state.is === "live");
  states.length = 0;
  return { wires, client, feed, states, seqs };
}

/** What a proxy answers. */
export const gone = (status = 502) => new Response("<h1>No</h1>", { status });
