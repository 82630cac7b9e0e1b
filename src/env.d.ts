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
  }
}
type Env = Cloudflare.Env;
