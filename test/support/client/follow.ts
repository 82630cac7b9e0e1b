import type {
  Backchannel,
  BackchannelOptions,
  ConnectionState,
  FollowOptions,
  TransportName,
} from "../../../src/client/index.ts";
import { ADA } from "./people.ts";
import { Wires } from "./wires.ts";

/** A feed, and what was heard of it. */
export function follow(wires: Wires, client: Backchannel, options: FollowOptions = { after: 0 }) {
  const feed = client.follow("lobby", options);
  const states: ConnectionState[] = [];
  const seqs: number[] = [];
  feed.on("state", (state) => states.push(state));
  feed.on("event", ({ seq }) => seqs.push(seq));
  const over = (transport: TransportName) => () =>
    feed.state.is === "live" && feed.state.transport === transport;
  return { wires, client, feed, states, seqs, over };
}

export function start(options: BackchannelOptions = {}, wires = new Wires()) {
  return follow(wires, wires.client(ADA, options));
}
