import { PING, PONG } from "../protocol/closing.ts";
import type { Hello } from "../protocol/frames.ts";
import { attempt, letGo } from "./attempt.ts";
import type { Clock } from "./platform.ts";
import { TIMES } from "./rules.ts";
import { type Berth, type Dialer, OPEN, type Start, type Transport } from "./transport.ts";

/** A transport that has shown that it carries both ways, and what it has brought meanwhile. */
export interface Proven {
  transport: Transport;
  hello: Hello;
  frames: readonly unknown[];
}

/**
 * Dials beside what carries now. `over` hears of its first pong, of its failing (false), or that it
 * was given up (null). A hello alone is no proof: some proxies let one answer through and no more.
 */
export function dialBeside(
  { dialer, start, berth, clock }: { dialer: Dialer; start: Start; berth: Berth; clock: Clock },
  over: (proven: Proven | false | null) => void,
): { giveUp(): void } {
  const end = (proven: Proven | false | null) => {
    clock.clearTimeout(timer);
    if (!proven) letGo(transport);
    over(proven);
  };
  const within = () => clock.setTimeout(() => end(false), TIMES.trying);
  let timer = within();
  const transport = attempt(dialer, start, berth, {
    greeted: (hello) => {
      const frames: unknown[] = [];
      clock.clearTimeout(timer);
      timer = within();
      Object.assign(transport, {
        onmessage: ({ data }) => {
          if (data === PONG) end({ transport, hello, frames });
          else frames.push(data);
        },
      } satisfies Partial<Transport>);
      if (transport.readyState === OPEN) transport.send(PING);
    },
    lost: () => end(false),
  });
  return { giveUp: () => end(null) };
}
