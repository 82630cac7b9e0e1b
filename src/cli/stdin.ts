import { UsageError } from "./rules.ts";

type Input = AsyncIterable<Uint8Array | string>;

/** No server takes more in one message; without a bound, what never ends would fill the memory. */
const MOST_CHARACTERS = 1_000_000;

/** All of it as one message, without the line end that closes it; nothing where it is empty. */
export async function* textIn(input: Input): AsyncGenerator<string> {
  let text = "";
  for await (const part of decoded(input)) text = within(text + part);
  text = text.replace(/\r?\n$/, "");
  if (text.trim() !== "") yield text;
}

/** Each line that is not empty, as soon as it is there. */
export async function* linesIn(input: Input): AsyncGenerator<string> {
  let rest = "";
  for await (const part of decoded(input)) {
    const lines = (rest + part).split("\n");
    rest = within(lines.pop() ?? "");
    for (const line of lines) if (line.trim() !== "") yield line.replace(/\r$/, "");
  }
  if (rest.trim() !== "") yield rest;
}

async function* decoded(input: Input): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const bytes of input) {
      yield typeof bytes === "string" ? bytes : decoder.decode(bytes, { stream: true });
    }
    yield decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError("standard input is not UTF-8");
    throw error;
  }
}

function within(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  throw new UsageError("standard input is too long for a message");
}
