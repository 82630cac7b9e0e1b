import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Terminal } from "../../src/cli/terminal.ts";

/** What a terminal listens to; a test leaves nobody there. */
const HEARD: [emitter: NodeJS.EventEmitter, name: string][] = [
  [process, "SIGINT"],
  [process, "SIGTERM"],
  [process.stdout, "error"],
  [process.stderr, "error"],
];
let before: unknown[];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  before = HEARD.flatMap(([emitter, name]) => emitter.listeners(name));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const [emitter, name] of HEARD) {
    for (const listener of emitter.listeners(name)) {
      if (!before.includes(listener)) emitter.off(name, listener as () => void);
    }
  }
});

it("CLI10: a second Ctrl-C ends at once, but not the echo that npx makes of the first", () => {
  const exit = vi.spyOn(process, "exit").mockImplementation((() => {}) as () => never);
  const terminal = new Terminal();
  expect(terminal.ending).toBeNull();
  process.emit("SIGINT");
  expect(terminal.ending).toEqual({ is: "signal", code: 130 });
  vi.advanceTimersByTime(100);
  process.emit("SIGINT");
  expect(exit).not.toHaveBeenCalled();
  vi.advanceTimersByTime(400);
  process.emit("SIGINT");
  expect(exit).toHaveBeenCalledExactlyOnceWith(130);
});
