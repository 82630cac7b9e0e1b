import type { createDocument } from "zod-openapi";
import { CLOSE, PROBLEMS } from "../protocol/index.ts";

type Api = ReturnType<typeof createDocument>;
type Schema = Record<string, unknown>;

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

const code = (text: string): string => `<code>${escape(text)}</code>`;

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** A schema in one line, as one would write it on paper: `{text, nonce?, replyTo?: integer}`. */
function brief(schema: Schema | undefined, depth = 0): string {
  if (schema === undefined) return "";
  const reference = schema["$ref"];
  if (typeof reference === "string") return reference.slice(reference.lastIndexOf("/") + 1);
  const choices = (schema["oneOf"] ?? schema["anyOf"]) as Schema[] | undefined;
  if (choices !== undefined) return choices.map((choice) => brief(choice, depth)).join(" | ");
  if ("const" in schema) return JSON.stringify(schema["const"]);
  if (Array.isArray(schema["enum"]))
    return schema["enum"].map((v) => JSON.stringify(v)).join(" | ");
  if (schema["type"] === "array") return `[${brief(schema["items"] as Schema, depth)}…]`;
  const properties = schema["properties"] as Record<string, Schema> | undefined;
  if (properties === undefined || depth > 2) return textOf(schema["type"]) || "any";
  const required = new Set((schema["required"] as string[] | undefined) ?? []);
  const fields = Object.entries(properties).map(
    ([name, field]) => `${name}${required.has(name) ? "" : "?"}: ${brief(field, depth + 1)}`,
  );
  return `{ ${fields.join(", ")} }`;
}

interface Operation {
  operationId: string;
  summary: string;
  security: Record<string, string[]>[];
  parameters?: {
    name: string;
    in: string;
    required?: boolean;
    description?: string;
    schema: Schema;
  }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>;
}

function renderOperation(method: string, path: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(
    ({ name, in: place, required, description, schema }) =>
      `<tr><td>${code(name)}</td><td>${place}${required ? "" : ", optional"}</td><td>${code(brief(schema))} ${escape(description ?? textOf(schema["description"]))}</td></tr>`,
  );
  const body = operation.requestBody?.content["application/json"]?.schema;
  const responses = Object.entries(operation.responses).map(
    ([status, { description, content }]) => {
      const schema = content?.["application/json"]?.schema;
      const shown =
        schema === undefined
          ? escape(description).replace(/`([\w-]+)`/g, '<a href="#$1"><code>$1</code></a>')
          : code(brief(schema));
      return `<tr><td>${status}</td><td colspan="2">${shown}</td></tr>`;
    },
  );
  const nobody = operation.security.some((one) => Object.keys(one).length === 0);
  const tokens = operation.security.filter((one) => "token" in one);
  const scopes = tokens.flatMap((one) => one["token"] ?? []);
  const who = [
    nobody ? "anyone" : "signed in",
    ...(tokens.length === 0 ? ["no token"] : scopes.map((scope) => `token: ${scope}`)),
  ].join(", ");
  return `<section id="${operation.operationId}">
<h3><span class="method ${method}">${method.toUpperCase()}</span> ${code(path)}</h3>
<p>${escape(operation.summary)}. <span class="who">${who}</span></p>
<div class="wide"><table>
${parameters.join("\n")}
${body === undefined ? "" : `<tr><td>body</td><td>JSON</td><td>${code(brief(body))}</td></tr>`}
${responses.join("\n")}
</table></div></section>`;
}

/** The OpenAPI document as a page: readable without scripts, and therefore under the strictest policy. */
export function renderApi(api: Api): string {
  const operations = Object.entries(api.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Operation>).map(([method, operation]) => ({
      method,
      path,
      operation,
    })),
  );
  const schemas = Object.entries(api.components?.schemas ?? {}).map(
    ([name, schema]) =>
      `<tr id="schema-${name}"><td>${code(name)}</td><td>${code(brief(schema as Schema))}</td></tr>`,
  );
  const problems = Object.entries(PROBLEMS).map(
    ([name, { status, title }]) =>
      `<tr id="${name}"><td>${code(name)}</td><td>${status}</td><td>${escape(title)}</td></tr>`,
  );
  const closes = Object.entries(CLOSE).map(
    ([name, number]) => `<tr><td>${number}</td><td>${code(name)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · Backchannel</title><link rel="stylesheet" href="/docs.css"></head><body>
<header><h1>Backchannel API</h1><p>${escape(api.info.description ?? "")}
The same as <a href="/api/openapi.json">OpenAPI 3.1</a>. <a href="/">To the rooms</a></p></header>
<nav aria-label="Operations"><ul>
${operations.map(({ method, path, operation }) => `<li><a href="#${operation.operationId}"><span class="method ${method}">${method.toUpperCase()}</span> ${escape(path)}</a></li>`).join("\n")}
</ul></nav><main>
${operations.map(({ method, path, operation }) => renderOperation(method, path, operation)).join("\n")}
<section id="socket"><h2>On the socket</h2>
<p>JSON text frames. The server says <code>hello</code> first, then <code>events</code>, always ascending and without a gap
from the cursor; each command is answered by <code>ack</code> or <code>fail</code> with its <code>nonce</code>.
The text <code>ping</code> is answered with <code>pong</code>. Somebody whose client sends nothing, not even
<code>ping</code>, for 80 seconds no longer counts as present; the socket stays open.</p>
<table><caption>Close codes</caption>${closes.join("\n")}</table></section>
<section id="schemas"><h2>Schemas</h2><div class="wide"><table>${schemas.join("\n")}</table></div></section>
<section id="problems"><h2>Problems</h2><p>Each refusal is <code>application/problem+json</code>; its <code>type</code> ends in one of these.</p>
<table>${problems.join("\n")}</table></section>
</main></body></html>`;
}
