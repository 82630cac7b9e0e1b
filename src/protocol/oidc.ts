/**
 * Why somebody who went to sign in by OpenID Connect comes back without: the address is then
 * `/sign-in#problem=<code>`. The words are for them.
 */
export const OIDC_PROBLEMS = {
  "begin-again": "That took too long, or began in another window. Try again.",
  refused: "You were not signed in there.",
  provider: "The other site gave no answer that can be trusted. Try again in a while.",
  taken: "That account belongs to somebody else here.",
  "sign-up-closed": "To create an account here you need an invitation that is still valid.",
} as const;

export type OidcProblem = keyof typeof OIDC_PROBLEMS;
