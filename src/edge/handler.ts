import type { z } from "zod";
import type { Operation, Outcome, ROUTES, Route } from "../protocol/index.ts";
import type { Caller } from "../accounts/rules.ts";

type Parsed<schema> = schema extends z.ZodType ? z.output<schema> : undefined;

type Part<route, name extends keyof Route> = name extends keyof route
  ? Parsed<route[name]>
  : undefined;

/** A request that has passed its route's schemas: behind this, types are true. */
export interface Asked<route extends Route> {
  request: Request;
  url: URL;
  env: Env;
  caller: route["caller"] extends "signed-in" ? Caller : Caller | null;
  /** What counts as one address for limits. */
  address: string;
  params: Part<route, "params">;
  query: Part<route, "query">;
  headers: Part<route, "headers">;
  body: Part<route, "body">;
}

export type Refused = Extract<Outcome<never>, { ok: false }>;

type Handler<operation extends Operation> = (
  asked: Asked<(typeof ROUTES)[operation]>,
) => Response | Refused | Promise<Response | Refused>;

/** The handlers of one folder. `edge/router.ts` needs all operations, each from one of them. */
export type Handlers<operations extends Operation> = { [name in operations]: Handler<name> };

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };

/** JSON, `no-store`: answers are one caller's, and a stale one is worse than none. */
export const answer = (value: unknown, status = 200, headers: HeadersInit = {}): Response =>
  answerEncoded(JSON.stringify(value), status, headers);

/** As `answer`, for what is JSON already. */
export function answerEncoded(json: string, status = 200, headers: HeadersInit = {}): Response {
  const all = new Headers({ ...JSON_TYPE, "cache-control": "no-store" });
  for (const [name, value] of new Headers(headers)) all.set(name, value);
  return new Response(json, { status, headers: all });
}

export const answerNothing = (headers: HeadersInit = {}): Response =>
  new Response(null, { status: 204, headers });
