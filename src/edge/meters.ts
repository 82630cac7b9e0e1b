import type { Caller } from "../accounts/rules.ts";
import { type Limits, type Outcome, type Route, accept, refuse } from "../protocol/index.ts";
import { Rates } from "./rules.ts";

/**
 * What this isolate has let through. The directory and the rooms count for the whole deployment;
 * whoever is above a limit here alone is above it there too, and is turned away without waking one.
 */
const kept = new Map<string, Rates>();

function ratesOf(meter: string, burst: number, perSecond: number): Rates {
  const key = `${meter} ${burst} ${perSecond}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const rates = new Rates({ burst, perSecond });
  kept.set(key, rates);
  return rates;
}

/** Counts a request by what its route is counted as; a refusal that says when to come again. */
export async function meter(
  { meter: what }: Pick<Route, "meter">,
  { LIMIT_CREATE, LIMIT_BURST, LIMIT_RATE }: Limits,
  asked: { env: Env; caller: Caller | null; address: string; room: string | null },
): Promise<Outcome<null>> {
  if (what === undefined) return accept(null);
  const now = Date.now();
  if (what === "command") {
    if (asked.caller === null) return accept(null);
    const rates = ratesOf(what, LIMIT_BURST, LIMIT_RATE);
    const retryAfter = rates.take(`${asked.caller.user.id} ${asked.room}`, now);
    if (retryAfter === null) return accept(null);
    return refuse("rate-limited", "Too many commands in this room.", { retryAfter });
  }
  const rates = ratesOf(what, LIMIT_CREATE, LIMIT_CREATE / 60);
  const retryAfter =
    rates.take(asked.address, now) ??
    (await asked.env.DIRECTORY.getByName("directory").admit(asked.address, what));
  if (retryAfter === null) return accept(null);
  return what === "make"
    ? refuse("rate-limited", "Too much was made from this address.", { retryAfter })
    : refuse("rate-limited", "Too many attempts from this address.", { retryAfter });
}
