import type { Socket } from "node:net";
import { dial } from "./wire.ts";

type State = "head" | "whole" | "size" | "chunk" | "gap" | "last";

/**
 * The cheapest HTTP/1.1 client that is still honest, for answers that are read as they come: a
 * connection that is kept, one request after the other. As with `Line`, bytes are only valid
 * during the call, and it understands only what these servers send: lengths, chunks without
 * trailers, and bodies that end with the connection.
 */
export class Exchange {
  onHead: (head: string) => void = () => {};
  onBody: (part: Buffer) => void = () => {};
  onEnd: () => void = () => {};
  onClose: (why: string) => void = () => {};
  readonly #socket: Socket;
  #rest: Buffer | undefined;
  #state: State = "head";
  /** Bytes of the body, or of its chunk, that are still to come. */
  #left = 0;

  constructor(port: number) {
    this.#socket = dial(port, (bytes) => this.#read(bytes));
    let why = "closed by the server";
    this.#socket.once("error", (error) => (why = error.message));
    this.#socket.once("close", () => this.onClose(why));
  }

  ask(request: string): void {
    this.#socket.write(request);
  }

  close(): void {
    this.onClose = () => {};
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    const all = this.#rest ? Buffer.concat([this.#rest, bytes]) : bytes;
    let at = 0;
    while (at < all.length) {
      const next = this.#step(all, at);
      if (next === at) break;
      at = next;
    }
    this.#rest = at < all.length ? Buffer.from(all.subarray(at)) : undefined;
  }

  /** How far it was understood: `at` itself where more has to come first. */
  #step(all: Buffer, at: number): number {
    switch (this.#state) {
      case "head":
        return this.#readHead(all, at);
      case "whole":
      case "chunk":
        return this.#readBody(all, at);
      case "size": {
        const end = all.indexOf("\r\n", at);
        if (end === -1) return at;
        this.#left = Number.parseInt(all.toString("latin1", at, end), 16);
        this.#state = this.#left === 0 ? "last" : "chunk";
        return end + 2;
      }
      case "gap":
      case "last":
        if (at + 2 > all.length) return at;
        if (this.#state === "gap") this.#state = "size";
        else this.#finish();
        return at + 2;
    }
  }

  #readHead(all: Buffer, at: number): number {
    const end = all.indexOf("\r\n\r\n", at);
    if (end === -1) return at;
    const head = all.toString("latin1", at, end);
    this.onHead(head);
    const length = / 304 /.test(head) ? "0" : headerOf(head, "content-length");
    this.#left = Number(length ?? Number.POSITIVE_INFINITY);
    this.#state = headerOf(head, "transfer-encoding") === "chunked" ? "size" : "whole";
    if (length === "0") this.#finish();
    return end + 4;
  }

  #readBody(all: Buffer, at: number): number {
    const end = Math.min(all.length, at + this.#left);
    this.#left -= end - at;
    this.onBody(all.subarray(at, end));
    if (this.#left === 0) {
      if (this.#state === "chunk") this.#state = "gap";
      else this.#finish();
    }
    return end;
  }

  #finish(): void {
    this.#state = "head";
    this.onEnd();
  }
}

export const headerOf = (head: string, name: string): string | undefined =>
  new RegExp(`^${name}: *(.*?) *$`, "im").exec(head)?.[1];

export const getOf = (path: string, headers: Record<string, string> = {}): string =>
  [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "\r\n",
  ].join("\r\n");
