import { type EventSourceMessage, createParser } from "eventsource-parser";
import type { Event } from "../../src/protocol/index.ts";
import { Waiting } from "./waiting.ts";

/** A reader of server-sent events: what came, in order, and waiting for what is to come. */
export class Reading extends Waiting {
  readonly response: Response;
  readonly messages: EventSourceMessage[] = [];
  raw = "";
  over = false;
  error: unknown = null;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(response: Response) {
    super();
    if (response.body === null) throw new Error("no stream");
    this.response = response;
    this.#reader = response.body.getReader();
    void this.#read();
  }

  async #read(): Promise<void> {
    const parser = createParser({ onEvent: (message) => this.messages.push(message) });
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        const text = decoder.decode(value, { stream: true });
        this.raw += text;
        parser.feed(text);
        this.wakeAll();
      }
    } catch (error) {
      this.error = error;
    }
    this.over = true;
    this.wakeAll();
  }

  /** Events of the log, as they came. */
  get events(): Event[] {
    return this.messages.flatMap(({ id, data }) =>
      id === undefined ? [] : [JSON.parse(data) as Event],
    );
  }

  eventsUpTo(seq: number): Promise<Event[]> {
    return this.until(() => this.events.some((event) => event.seq >= seq) && this.events);
  }

  /** What came under a name. */
  named(name: string): unknown[] {
    return this.messages.flatMap(({ event, data }) =>
      event === name ? [data === "pong" ? data : (JSON.parse(data) as unknown)] : [],
    );
  }

  end(): Promise<true> {
    return this.until(() => this.over && (true as const));
  }

  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}
