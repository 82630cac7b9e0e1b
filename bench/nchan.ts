import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getOf, headerOf } from "./http.ts";
import { Server } from "./server.ts";
import type { Pass, Side } from "./side.ts";

const PROGRAM = ["/usr/sbin/nginx", "/usr/bin/nginx"].find((file) => existsSync(file));
const MODULE = "/usr/lib/nginx/modules/ngx_nchan_module.so";
const PACKAGES = "/var/lib/dpkg/status";

/** The version, where Debian's `nginx` and `libnginx-mod-nchan` are installed. */
export function nchanVersion(): string | null {
  if (PROGRAM === undefined || !existsSync(MODULE)) return null;
  const packages = existsSync(PACKAGES) ? readFileSync(PACKAGES, "utf8") : "";
  const [, version] = /^Package: libnginx-mod-nchan\n(?:.+\n)*?Version: (.+)/m.exec(packages) ?? [];
  return version ?? "of unknown version";
}

const subscribe = (by: string): string =>
  `nchan_channel_id lobby; nchan_subscriber ${by}; nchan_subscriber_first_message newest;`;

/** One process, as the others are; messages are kept in memory, as many as a log's reader asks for. */
const describe = (port: number): string => `load_module ${MODULE};
daemon off;
master_process off;
pid nginx.pid;
error_log stderr error;
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  tcp_nodelay on;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /health { return 200 ok; }
    location = /stream { ${subscribe("eventsource")} }
    location = /socket { ${subscribe("websocket")} }
    location = /poll { ${subscribe("longpoll")} }
    location = /publish {
      nchan_channel_id lobby;
      nchan_publisher websocket;
      nchan_message_buffer_length 1000;
      nchan_message_timeout 1h;
    }
  }
}
`;

const passTo = (path: string): Pass => ({ headers: {}, path: () => path });

/** Whoever publishes numbers what it says: the channel itself counts seconds. */
let published = 0;

/** Nchan, the publish and subscribe module for nginx: no rooms, no people, nothing on disk. */
export const nchan: Side = {
  name: "Nchan",
  start: (port) =>
    new Server(port, (folder) => {
      const config = join(folder, "nginx.conf");
      writeFileSync(config, describe(port));
      return { file: PROGRAM ?? "nginx", args: ["-p", folder, "-c", config, "-e", "stderr"] };
    }).answers("/health"),
  nobody: passTo("/socket"),
  signIn: () => Promise.resolve(passTo("/publish")),
  greeting: undefined,
  greets: false,
  kind: (frame) => (frame[0] === 0x7b ? "events" : "ack"),
  send: (number, text) =>
    JSON.stringify({
      seq: ++published,
      type: "message.created",
      at: new Date().toISOString(),
      room: "lobby",
      actor: { id: "u_p0", name: "p0", kind: "guest" },
      data: { text, nonce: `n${number}` },
    }),
  stream: "/stream",
  poll: () => (answer) => ({
    request: getOf("/poll", answer === null ? {} : placeOf(answer.head)),
    held: true,
  }),
};

/** Its cursor is a second and a number in it, told as a date and a tag. */
const placeOf = (head: string): Record<string, string> => ({
  "If-Modified-Since": headerOf(head, "last-modified") ?? "",
  "If-None-Match": headerOf(head, "etag") ?? "",
});
