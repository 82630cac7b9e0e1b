import { once } from "node:events";
import { styleText } from "node:util";
import wrapAnsi from "wrap-ansi";

type Style = Parameters<typeof styleText>[0];

/** How long what was begun may take to leave once the program is told to end. */
const LEAVE_WITHIN_MS = 2_000;

/** One Ctrl-C comes twice under npx: from the terminal, and handed on by npm (11.19, 2026-11). */
const ECHO_MS = 300;

/** In fewer columns a deep margin leaves too little for the text. */
const NARROW = 60;

/** Why a program ends before it is done. */
export type Ending = { is: "signal"; code: number } | { is: "reader gone" };

/** Where a command reads and writes, and how it hears that it shall end. */
export class Terminal {
  readonly env = process.env;
  readonly stdin = process.stdin;
  readonly #ending = new AbortController();
  #endingSince = 0;

  constructor() {
    // `| head -1` has seen enough: that is no fault of anybody's.
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") return this.#end({ is: "reader gone" });
      this.say(`cannot write: ${error.message}`);
      process.exit(1);
    });
    process.stderr.on("error", () => {});
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      process.on(signal, () => {
        if (this.signal.aborted && performance.now() - this.#endingSince < ECHO_MS) return;
        if (this.signal.aborted) process.exit(code);
        this.#end({ is: "signal", code });
      });
    }
  }

  /** Aborts when the program shall end; its reason is an `Ending`. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  get ending(): Ending | null {
    return this.signal.aborted ? (this.signal.reason as Ending) : null;
  }

  #end(ending: Ending): void {
    if (this.signal.aborted) return;
    this.#endingSince = performance.now();
    this.#ending.abort(ending);
  }

  /** Writes a line, and resolves when another may be written: a slow reader is waited for. */
  async print(line: string): Promise<void> {
    if (this.signal.aborted || process.stdout.write(`${line}\n`)) return;
    // It also resolves when the program shall end; what was begun is seen to by `leave`.
    await once(process.stdout, "drain", { signal: this.signal }).catch(() => {});
  }

  /** A word on how things go: on standard error, so that it is never among the data. */
  say(words: string): void {
    process.stderr.write(`${this.#paint(process.stderr, "dim", `backchannel: ${words}`)}\n`);
  }

  paint(style: Style, text: string): string {
    return this.#paint(process.stdout, style, text);
  }

  #paint(stream: NodeJS.WriteStream, style: Style, text: string): string {
    const colours = stream.isTTY && stream.hasColors();
    return colours ? styleText(style, text, { validateStream: false }) : text;
  }

  /**
   * Lines under each other, from the second on with a margin. In a terminal none is wider than it,
   * so that no text can put what looks like another person's line at the left edge.
   */
  block(lines: string[], margin: number): string {
    const { columns, isTTY } = process.stdout;
    if (!isTTY || !(columns > 0)) return lines.join(`\n${" ".repeat(margin)}`);
    const narrow = columns < NARROW ? Math.min(2, columns - 1) : margin;
    const width = columns - narrow;
    const wrapped = lines.map((line) => wrapAnsi(line, width, { hard: true, trim: false }));
    return wrapped.join("\n").replaceAll("\n", `\n${" ".repeat(narrow)}`);
  }

  /** Ends the program when what was written has left, so that no line is torn. */
  async leave(code: number): Promise<never> {
    const { stdout } = process;
    if (stdout.writableLength > 0 && this.ending?.is !== "reader gone") {
      const written = new Promise<void>((done) => void stdout.write("", () => done()));
      const late = new Promise<void>((done) => setTimeout(done, LEAVE_WITHIN_MS));
      await Promise.race([written, late]);
    }
    process.exit(code);
  }
}
