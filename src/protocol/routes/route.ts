import type { z } from "zod";
import type { ProblemCode } from "../problems.ts";
import type { Scope } from "../tokens.ts";

/**
 * One operation of the HTTP API: the schemas that check its requests, and that the OpenAPI document
 * is made from.
 */
export interface Route {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: `/${string}`;
  summary: string;
  /** `anyone`: also who is not signed in. */
  caller: "anyone" | "signed-in";
  /**
   * What a token needs to do this, one of them if there are several; `session`: no token does,
   * `any`: each does. Where anyone may ask, a token without it is answered as nobody is.
   */
  scope: Scope | readonly Scope[] | "session" | "any";
  /**
   * What a limit counts it as: a thing made from an address, an attempt to guess a secret from an
   * address, or a command of one user in one room.
   */
  meter?: "make" | "try" | "command";
  /**
   * Other sites send browsers here, and a request that they cause counts as nobody's: no session is
   * looked at before the handler has seen that it was expected.
   */
  elsewhere?: true;
  /** Pages of any origin may read what it answers to nobody in particular (CORS). */
  open?: true;
  params?: z.ZodObject;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** What is answered when all is well, by status. Null: no body. */
  answers: Record<number, z.ZodType | null>;
  /** What the answers are made of, where it is not JSON. */
  media?: string;
  /** Besides the general ones. */
  problems: readonly ProblemCode[];
}
