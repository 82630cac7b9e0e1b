import { type Outcome, accept, refuse } from "../protocol/index.ts";

/** A request's JSON, read no further than `limit` bytes, whatever its Content-Length says. */
export async function readJson(request: Request, limit: number): Promise<Outcome<unknown>> {
  const type = request.headers.get("content-type") ?? "";
  const isJson = /^application\/(?:[\w.-]+\+)?json *(?:;|$)/i.test(type);
  // RFC 8259, 8.1: JSON that is exchanged is in UTF-8.
  if (!isJson || /;\s*charset\s*=\s*(?!"?utf-?8\b)/i.test(type)) {
    return refuse("unsupported-media-type", "Send JSON, with the Content-Type application/json.");
  }
  let bytes: Uint8Array | null;
  try {
    bytes = await readBytes(request, limit);
  } catch {
    // Whoever sends it has gone away, or sends what is not HTTP.
    return refuse("invalid-request", "The body broke off.");
  }
  if (bytes === null) return refuse("too-large", `A body holds at most ${limit} bytes.`);
  try {
    return accept(
      JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes)),
    );
  } catch {
    return refuse("invalid-request", "The body is not JSON in UTF-8.");
  }
}

async function readBytes(request: Request, limit: number): Promise<Uint8Array | null> {
  if (request.body === null) return new Uint8Array();
  if (Number(request.headers.get("content-length") ?? 0) > limit) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body as ReadableStream<Uint8Array>) {
    size += chunk.byteLength;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
