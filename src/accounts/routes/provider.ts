import type { Configuration } from "openid-client";
import type { Provider } from "../../edge/rules.ts";
import type { OidcProblem } from "../../protocol/index.ts";
import type { Claims } from "../oidc/rules.ts";
import type { Attempt } from "../oidc/wire.ts";

/** The library is large, and most requests to the Worker have nothing to do with it. */
const library = () => import("openid-client");

const PATIENCE_S = 10;
/** So long what a provider said of itself, its keys too, is taken to hold. */
const FRESH_MS = 60 * 60_000;

/** One: a deployment has one provider. Kept when it is whole; requests must not wait for each other's. */
let kept: { key: string; config: Configuration; until: number } | null = null;

async function configOf(provider: Provider): Promise<Configuration> {
  const { issuer, clientId, clientSecret, insecure } = provider;
  const key = JSON.stringify([issuer, clientId, clientSecret]);
  const now = Date.now();
  if (kept?.key === key && kept.until > now) return kept.config;
  const oidc = await library();
  const basic = oidc.ClientSecretBasic(clientSecret);
  const post = oidc.ClientSecretPost(clientSecret);
  const config = await oidc.discovery(
    new URL(issuer),
    clientId,
    undefined,
    (server, ...rest) => {
      // Where a provider names none, this is what it takes (OpenID Connect Discovery 1.0, 3).
      const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
      return (methods.includes("client_secret_basic") ? basic : post)(server, ...rest);
    },
    {
      timeout: PATIENCE_S,
      execute: [
        // The signature too, not only that the answer came over TLS.
        oidc.enableNonRepudiationChecks,
        ...(insecure ? [oidc.allowInsecureRequests] : []),
      ],
    },
  );
  kept = { key, config, until: now + FRESH_MS };
  return config;
}

/** Where the browser goes to sign in; null if the provider does not say. */
export async function beginAt(
  provider: Provider,
  callback: string,
  { state, nonce, verifier }: Attempt,
): Promise<URL | null> {
  try {
    const oidc = await library();
    return oidc.buildAuthorizationUrl(await configOf(provider), {
      redirect_uri: callback,
      scope: "openid profile email",
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
  } catch (error) {
    recordDoubt(error);
    return null;
  }
}

/** Who has come back, if all of the provider's answer holds. */
export async function finishAt(
  provider: Provider,
  url: URL,
  { state, nonce, verifier }: Attempt,
): Promise<Claims | OidcProblem> {
  const oidc = await library();
  try {
    const config = await configOf(provider);
    const tokens = await oidc.authorizationCodeGrant(config, url, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const said = tokens.claims();
    if (said === undefined) return "provider";
    const { iss: issuer, sub: subject } = said;
    const more = await moreOf(config, tokens.access_token, subject);
    const shown: Record<string, unknown> = { ...more, ...said };
    return {
      issuer,
      subject,
      username: textOf(shown["preferred_username"]),
      mail: textOf(shown["email"]),
      name: textOf(shown["name"]),
    };
  } catch (error) {
    if (error instanceof oidc.AuthorizationResponseError) return "refused";
    recordDoubt(error);
    return "provider";
  }
}

/** What is only for show may be missing: some providers keep it for those who ask again. */
async function moreOf(config: Configuration, token: string, subject: string) {
  if (config.serverMetadata().userinfo_endpoint === undefined) return {};
  const oidc = await library();
  return oidc.fetchUserInfo(config, token, subject).catch(() => ({}));
}

const textOf = (claim: unknown): string | undefined =>
  typeof claim === "string" && claim !== "" ? claim.slice(0, 200) : undefined;

/**
 * For whoever runs the deployment. Neither codes nor tokens are in what the library says; what it
 * hands over as evidence could hold them, so of that only a fault of the connection is told.
 */
function recordDoubt(error: unknown): void {
  const { name, message, cause } = error as Partial<Error>;
  const why = cause instanceof Error ? cause.message : undefined;
  console.error(JSON.stringify({ what: "openid provider", name, message, why }));
}
