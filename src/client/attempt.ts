import { PONG } from "../protocol/closing.ts";
import type { Hello } from "../protocol/frames.ts";
import {
  type Berth,
  CLOSED,
  type Dialer,
  type Said,
  type Start,
  type Transport,
} from "./transport.ts";

/** Dials. `greeted` at the hello; `lost` if it fails before: whoever is greeted takes over from here. */
export function attempt(
  dialer: Dialer,
  start: Start,
  berth: Berth,
  { greeted, lost }: { greeted: (hello: Hello) => void; lost: (code: number) => void },
): Transport {
  return Object.assign(dial(dialer, start, berth), {
    ...NOTHING_HEARD,
    onmessage: ({ data }) => {
      const frame = data === PONG ? PONG : parse(data);
      if (frame === null) lost(1006);
      else if (frame !== PONG && frame.op === "hello") greeted(frame);
    },
    onclose: ({ code }) => lost(code),
  } satisfies Partial<Transport>);
}

/** Where the platform refuses by throwing, the transport closes like any that fails. */
function dial(dialer: Dialer, start: Start, berth: Berth): Transport {
  try {
    return dialer.dial(start, berth);
  } catch {
    const dead: Transport = {
      ...NOTHING_HEARD,
      readyState: CLOSED,
      send: () => {},
      close: () => {},
      onmessage: null,
      onclose: null,
    };
    queueMicrotask(() => dead.onclose?.({ code: 1006, reason: "" }));
    return dead;
  }
}

/** Silenced before it is closed: on a dead network the close event may take a minute. */
export function letGo(transport: Transport): void {
  Object.assign(transport, { ...NOTHING_HEARD, onmessage: null, onclose: null });
  transport.close();
}

/** An error says less than the close that follows it; but unheard, some WebSockets throw it. */
const NOTHING_HEARD = { onopen: null, onerror: () => {} } satisfies Partial<Transport>;

/** Null: that is no frame. */
export function parse(data: unknown): Said | null {
  try {
    return JSON.parse(String(data)) as Said;
  } catch {
    return null;
  }
}
