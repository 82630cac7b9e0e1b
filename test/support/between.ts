import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** An answer in full, "swallow" for a request that is never answered, null to let it pass. */
export type Verdict = (head: string) => string | null;

export interface Between {
  url: string;
  /** What becomes of the requests from now on, each by its first line. */
  verdict: Verdict;
  stop(): Promise<void>;
}

/** Stands before the server at `port`, and answers in its place what it likes. */
export async function standBetween(port: number, verdict: Verdict): Promise<Between> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        open.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    far.pipe(near);
    let isSwallowing = false;
    near.on("data", (bytes: Buffer) => {
      const [, head] = /^([A-Z]+ \S+) HTTP\/1\.1\r\n/.exec(bytes.toString("latin1")) ?? [];
      const said = head === undefined ? null : between.verdict(head);
      isSwallowing ||= said === "swallow";
      if (isSwallowing) return;
      if (said === null) far.write(bytes);
      else near.end(said);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const between: Between = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    verdict,
    async stop() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
  return between;
}

/** The bytes of an answer. */
export function answer(status: string, type: string, body: string): string {
  const head = [`HTTP/1.1 ${status}`, `content-type: ${type}`, `content-length: ${body.length}`];
  return `${head.join("\r\n")}\r\nconnection: close\r\n\r\n${body}`;
}
