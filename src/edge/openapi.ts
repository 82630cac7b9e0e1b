import {
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
  createDocument,
} from "zod-openapi";
import { z } from "zod";
import { PROBLEMS, type ProblemCode, ROUTES, type Route } from "../protocol/index.ts";
import { VERSION } from "./version.ts";

const Problem = z
  .strictObject({
    type: z.string().meta({ example: "/problems/slug-taken" }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
    retryAfter: z.number().int().optional().meta({ description: "seconds" }),
    oldest: z.number().int().optional(),
    id: z.string().optional(),
  })
  .meta({ id: "Problem", description: "A refusal, RFC 9457." });

/** What any operation may answer, by what it takes. */
function problemsOf(route: Route): ProblemCode[] {
  // A token that is not known is refused wherever it is shown.
  const codes: ProblemCode[] = [...route.problems, "origin-not-allowed", "unauthenticated"];
  if (route.scope !== "any") codes.push("forbidden");
  if (route.meter !== undefined) codes.push("rate-limited");
  if (route.params !== undefined) codes.push("not-found");
  if (route.query !== undefined || route.headers !== undefined) codes.push("invalid-request");
  if (route.body !== undefined)
    codes.push("invalid-request", "too-large", "unsupported-media-type");
  return [...new Set(codes)];
}

function responsesOf(route: Route): ZodOpenApiResponsesObject {
  const responses: ZodOpenApiResponsesObject = {};
  for (const [status, schema] of Object.entries(route.answers)) {
    const nothing = status === "304" ? "Nothing has changed" : "Done";
    const description = schema === null ? nothing : "The answer";
    responses[status as "200"] =
      schema === null
        ? { description }
        : { description, content: { [route.media ?? "application/json"]: { schema } } };
  }
  for (const code of problemsOf(route)) {
    const { status, title } = PROBLEMS[code];
    const name = String(status) as "400";
    const named = `\`${code}\`: ${title}`;
    const before = responses[name];
    responses[name] = {
      description: before === undefined ? named : `${before.description}; ${named}`,
      content: { "application/problem+json": { schema: Problem } },
    };
  }
  return responses;
}

/** Who may: nobody in particular, a session, a token with the scopes it needs. */
function securityOf({ caller, scope }: Route): Record<string, string[]>[] {
  const nobody = caller === "anyone" ? [{}] : [];
  if (scope === "session") return [...nobody, { session: [] }];
  const scopes = scope === "any" ? [] : [scope].flat();
  return [...nobody, { session: [] }, ...tokensOf(scopes)];
}

/** Alternatives: one scope of several is enough. */
const tokensOf = (scopes: string[]): Record<string, string[]>[] =>
  scopes.length === 0 ? [{ token: [] }] : scopes.map((scope) => ({ token: [scope] }));

function operationOf(name: string, route: Route): ZodOpenApiOperationObject {
  const { params, query, headers, body } = route;
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.path.split("/")[2] ?? "api"],
    security: securityOf(route),
    requestParams: {
      ...(params === undefined ? {} : { path: params }),
      ...(query === undefined ? {} : { query }),
      ...(headers === undefined ? {} : { header: headers }),
    },
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: body } } } }),
    responses: responsesOf(route),
  };
}

const paths = (): ZodOpenApiPathsObject => {
  const all: ZodOpenApiPathsObject = {};
  for (const [name, route] of Object.entries(ROUTES)) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    all[path] = { ...all[path], [route.method.toLowerCase()]: operationOf(name, route) };
  }
  return all;
};

/** The OpenAPI 3.1 document, made from the schemas that check the requests: it cannot lag behind. */
export const describeApi = (origin: string): ReturnType<typeof createDocument> =>
  createDocument({
    openapi: "3.1.0",
    info: {
      title: "Backchannel",
      version: VERSION,
      description:
        "A room is a log of events, and every way of following it is a cursor on that log. " +
        "Times are RFC 3339 in UTC, names are camelCase, refusals are RFC 9457 problems.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: origin }],
    paths: paths(),
    components: {
      securitySchemes: {
        session: {
          type: "apiKey",
          in: "cookie",
          name: "session",
          description: "Set by signing in; named `__Host-session` over https.",
        },
        token: {
          type: "http",
          scheme: "bearer",
          description: "`bct_…`, made by `POST /api/tokens`, with one of the scopes named.",
        },
      },
    },
  });
