import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { Server } from "socket.io";

/**
 * The other side of the bench: one room on Socket.IO that promises what ours does. A message is
 * in SQLite before it is broadcast and acknowledged, its number grows by one, a nonce counts
 * once, and who joins gets the newest messages.
 *
 *     node bench/socketio-server.ts PORT DATABASE
 */
const [port, file] = process.argv.slice(2);
const database = new DatabaseSync(file!);
// As workerd opens a Durable Object's database: WAL, and every commit is synced to the disk.
database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
database.exec(`CREATE TABLE log (
  seq INTEGER PRIMARY KEY, actor TEXT NOT NULL, nonce TEXT, body TEXT NOT NULL, UNIQUE (actor, nonce)
)`);
const append = database.prepare("INSERT INTO log VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
const known = database.prepare("SELECT seq FROM log WHERE actor = ? AND nonce = ?");
const newest = database.prepare("SELECT body FROM log ORDER BY seq DESC LIMIT ?");
let head = 0;

interface Message {
  nonce: string;
  text: string;
}

const http = createServer((_request, answer) => answer.end("ok"));
const io = new Server(http, { transports: ["polling", "websocket"], serveClient: false });

io.on("connection", (socket) => {
  const { name, last } = socket.handshake.query;
  const actor = { id: `u_${String(name)}`, name, kind: "guest" };
  void socket.join("lobby");
  // One emit for each, as Socket.IO's own guide hands over what a client missed.
  const rows = newest.all(Number(last)) as { body: string }[];
  for (const { body } of rows.toReversed()) socket.emit("event", JSON.parse(body));
  socket.on("send", ({ nonce, text }: Message, ack: (answer: unknown) => void) => {
    const event = {
      seq: head + 1,
      type: "message.created",
      at: new Date().toISOString(),
      room: "lobby",
      actor,
      data: { text, nonce },
    };
    if (append.run(event.seq, actor.id, nonce, JSON.stringify(event)).changes === 0) {
      ack(known.get(actor.id, nonce));
      return;
    }
    head = event.seq;
    io.to("lobby").emit("event", event);
    ack({ seq: event.seq });
  });
});

http.listen(Number(port), "127.0.0.1");
