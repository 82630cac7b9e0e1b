import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** Text frames end to end; the bytes are only valid during the call. */
export type OnText = (payload: Buffer) => void;

/** What all lines read into: a line handles its bytes, or copies them, before the next one reads. */
const shared = Buffer.allocUnsafe(256 * 1024);

/** A connection to this machine. `read` has the bytes for the length of its call only. */
export const dial = (port: number, read: (bytes: Buffer) => void): Socket =>
  connect({
    host: "127.0.0.1",
    port,
    noDelay: true,
    onread: {
      buffer: shared,
      callback: (length) => {
        read(shared.subarray(0, length));
        return true;
      },
    },
  });

/**
 * The cheapest WebSocket client that is still honest (RFC 6455, no extensions): with 1,000
 * sockets the `ws` package costs more per frame than either server does, so it would be the
 * thing measured. It reads many frames per read, allocates nothing per frame, masks with a key
 * of zeros, and understands only what these two servers send.
 */
export class Line {
  readonly opened: Promise<void>;
  readonly closed: Promise<void>;
  onText: OnText = () => {};
  #socket: Socket;
  #rest: Buffer | undefined;
  #upgraded = false;
  #settle!: { opened: () => void; failed: (error: Error) => void };

  constructor(port: number, path: string, headers: Record<string, string>) {
    this.opened = new Promise((opened, failed) => (this.#settle = { opened, failed }));
    this.#socket = dial(port, (bytes) => this.#read(bytes));
    this.closed = new Promise((closed) => this.#socket.once("close", () => closed()));
    this.#socket.once("error", (error) => this.#settle.failed(error));
    void this.closed.then(() => this.#settle.failed(new Error("closed before the upgrade")));
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ];
    this.#socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  }

  send(text: string): void {
    const length = Buffer.byteLength(text);
    const short = length < 126;
    const frame = Buffer.allocUnsafe((short ? 6 : 8) + length);
    frame[0] = 0x81;
    if (short) frame[1] = 0x80 | length;
    else {
      frame[1] = 0x80 | 126;
      frame.writeUInt16BE(length, 2);
    }
    frame.fill(0, short ? 2 : 4, short ? 6 : 8);
    frame.write(text, short ? 6 : 8);
    this.#socket.write(frame);
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    const all = this.#rest ? Buffer.concat([this.#rest, bytes]) : bytes;
    let at = this.#upgraded ? 0 : this.#readUpgrade(all);
    while (at + 2 <= all.length) {
      let length = all[at + 1]! & 0x7f;
      let start = at + 2;
      if (length === 126 && start + 2 <= all.length) {
        length = all.readUInt16BE(start);
        start += 2;
      } else if (length === 127 && start + 8 <= all.length) {
        length = Number(all.readBigUInt64BE(start));
        start += 8;
      } else if (length >= 126) break;
      if (start + length > all.length) break;
      if ((all[at]! & 0x0f) === 1) this.onText(all.subarray(start, start + length));
      at = start + length;
    }
    this.#rest = at < all.length ? Buffer.from(all.subarray(at)) : undefined;
  }

  #readUpgrade(all: Buffer): number {
    const end = all.indexOf("\r\n\r\n");
    if (end === -1) return 0;
    const status = all.toString("latin1", 0, all.indexOf("\r\n"));
    if (!status.includes(" 101 ")) {
      this.#settle.failed(new Error(`upgrade refused: ${status}`));
      this.close();
      return all.length;
    }
    this.#upgraded = true;
    this.#settle.opened();
    return end + 4;
  }
}
