import type { z } from "zod";
import { type Outcome, type Route, accept, fieldErrors, refuse } from "../protocol/index.ts";
import { readJson } from "./body.ts";

interface Input {
  params: unknown;
  query: unknown;
  headers: unknown;
  body: unknown;
}

/** Checks a request against its route's schemas, once: what comes out can be relied on. */
export async function readInput(
  route: Route,
  request: Request,
  url: URL,
  matched: Record<string, string>,
  bodyLimit: number,
): Promise<Outcome<Input>> {
  const params = parse(route.params, matched);
  // An address that cannot be one is one where nothing is.
  if (!params.ok) return refuse("not-found", "Nothing is here.");
  const query = parse(route.query, Object.fromEntries([...url.searchParams].toReversed()));
  if (!query.ok) return query;
  const headers = parse(route.headers, Object.fromEntries(request.headers));
  if (!headers.ok) return headers;
  if (route.body === undefined) {
    return accept({
      params: params.value,
      query: query.value,
      headers: headers.value,
      body: undefined,
    });
  }
  const json = await readJson(request, bodyLimit);
  if (!json.ok) return json;
  const body = parse(route.body, json.value);
  if (!body.ok) return body;
  return accept({
    params: params.value,
    query: query.value,
    headers: headers.value,
    body: body.value,
  });
}

/** Percent-decoding fails on half a sequence; that part then stays as it is, and matches nothing. */
export function decodeParams(matched: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(matched).map(([name, value]) => {
      try {
        return [name, decodeURIComponent(value)];
      } catch {
        return [name, value];
      }
    }),
  );
}

function parse(schema: z.ZodType | undefined, value: unknown): Outcome<unknown> {
  if (schema === undefined) return accept(undefined);
  const parsed = schema.safeParse(value);
  if (parsed.success) return accept(parsed.data);
  return refuse("invalid-request", "The request is not as described.", {
    errors: fieldErrors(parsed.error),
  });
}
