/** What `wrangler.toml` binds, and the variables and secrets that a deployment may set. */
declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("./worker.ts");
  }
  interface Env {
    ASSETS: Fetcher;
    ROOMS: DurableObjectNamespace<import("./room/object.ts").Room>;
    ACCOUNTS: DurableObjectNamespace<import("./accounts/object.ts").Account>;
    DIRECTORY: DurableObjectNamespace<import("./directory/object.ts").Directory>;
    /** Signs sessions; without it the Directory makes a key on first use and keeps it. */
    AUTH_SECRET?: string;
    GUESTS?: string;
    ALLOWED_ORIGINS?: string;
    EMBED_ORIGINS?: string;
    LIMIT_TEXT?: string;
    LIMIT_BODY?: string;
    LIMIT_BURST?: string;
    LIMIT_RATE?: string;
    LIMIT_CREATE?: string;
    LIMIT_STREAM?: string;
    LIMIT_ROOM?: string;
    LIMIT_CONNECTIONS?: string;
    LIMIT_ANONYMOUS?: string;
    /** Who knows it owns the deployment. */
    SETUP_CODE?: string;
    OIDC_ISSUER?: string;
    OIDC_CLIENT_ID?: string;
    OIDC_CLIENT_SECRET?: string;
  }
}
type Env = Cloudflare.Env;
