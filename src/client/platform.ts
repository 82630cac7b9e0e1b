/** Time, as `globalThis` gives it. */
export interface Clock {
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export type NetworkNews =
  /** The machine has a network again. */
  | "online"
  /** The machine has lost its network. */
  | "offline"
  /** The tab is looked at again; its timers may have slept. */
  | "visible";

/** What the machine knows of its network. */
export interface Network {
  isOnline(): boolean;
  /** Calls with what happens; returns what ends it. */
  watch(listener: (news: NetworkNews) => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
};

/** The browser's; in Node, which tells nothing of its network, one that is always there. */
export const systemNetwork: Network = {
  isOnline: () => typeof navigator === "undefined" || !("onLine" in navigator) || navigator.onLine,
  watch(listener) {
    if (typeof document === "undefined") return () => {};
    const watching = new AbortController();
    const { signal } = watching;
    addEventListener("online", () => listener("online"), { signal });
    addEventListener("offline", () => listener("offline"), { signal });
    // A page that comes back out of the back/forward cache gets no visibilitychange in every browser.
    addEventListener("pageshow", (event) => event.persisted && listener("visible"), { signal });
    document.addEventListener(
      "visibilitychange",
      () => document.visibilityState === "visible" && listener("visible"),
      { signal },
    );
    return () => watching.abort();
  },
};

/**
 * How many requests to `origin` may be held open at once. Browsers give a host on HTTP/1.1 six
 * connections, over all tabs: one of them held is what a page may take. HTTP/2 and 3 have about a
 * hundred streams.
 */
export function berthsTo(origin: string): number {
  if (typeof document === "undefined") return Infinity;
  const [page] = performance.getEntriesByType("navigation");
  const protocol = (page as PerformanceNavigationTiming | undefined)?.nextHopProtocol ?? "";
  return origin === location.origin && /^h[23]/.test(protocol) ? 20 : 1;
}

/** The browser's, if it lets the page have one. */
export function systemMemory(): Storage | null {
  try {
    return typeof document === "undefined" ? null : localStorage;
  } catch {
    return null;
  }
}

/** 128 random bits. Not `randomUUID`, which browsers keep from pages on plain http. */
export function randomNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
