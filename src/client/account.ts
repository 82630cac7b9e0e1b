import type {
  CredentialOptions,
  Leftovers,
  MadeCredential,
  NewBot,
  OwnSession,
  Passkey,
  Person,
  Profile,
  ProfileChange,
  RecoveryCode,
  ShownCredential,
  SignInCode,
  SignUp,
  SignUpStart,
  SignedUp,
} from "../protocol/accounts.ts";
import type { MadeToken, NewToken, Token } from "../protocol/tokens.ts";
import type { User } from "../protocol/users.ts";
import type { Backchannel } from "./types.ts";

/**
 * What `navigator.credentials` is to be asked with: `PublicKeyCredentialCreationOptionsJSON` or
 * `PublicKeyCredentialRequestOptionsJSON` (WebAuthn 3, 5.1), as `@simplewebauthn/browser` takes it.
 */
export type PasskeyOptions = CredentialOptions["options"];

const seg = encodeURIComponent;

/**
 * Signing in and up, and one's own account. The SDK itself asks no authenticator: `start…` answers
 * what to ask one, and what it answered is handed over as its JSON.
 *
 * @example
 * import { startAuthentication } from "@simplewebauthn/browser";
 * const account = accountOf(backchannel);
 * const optionsJSON = await account.startSignIn();
 * const me = await account.signIn(await startAuthentication({ optionsJSON }));
 */
export function accountOf(backchannel: Backchannel) {
  const { request } = backchannel;
  const optionsOf = async (asked: Promise<CredentialOptions>): Promise<PasskeyOptions> =>
    (await asked).options;

  return {
    /**
     * Begins to become a member.
     * @throws ProblemError `handle-taken`, `sign-up-closed`, `invalid-request` with the field `handle` or `name`
     */
    startSignUp: (who: SignUpStart): Promise<PasskeyOptions> =>
      optionsOf(request("POST", "/api/sign-up/options", { body: who })),
    /** Becomes a member with a new passkey; whoever is a guest by now keeps what they wrote. */
    signUp: (who: SignUp): Promise<SignedUp> =>
      backchannel.enter(() => request("POST", "/api/sign-up", { body: who })),

    startSignIn: (): Promise<PasskeyOptions> => optionsOf(request("POST", "/api/sign-in/options")),
    /** @throws ProblemError `unauthenticated`, which does not say why */
    signIn: async (credential: ShownCredential): Promise<User> =>
      (
        await backchannel.enter(() =>
          request<{ user: User }>("POST", "/api/sign-in", { body: { credential } }),
        )
      ).user,
    /** Signs in with a code that `createSignInCode` made on another device. */
    signInByCode: async (code: string): Promise<User> =>
      (
        await backchannel.enter(() =>
          request<{ user: User }>("POST", "/api/sign-in/code", { body: { code } }),
        )
      ).user,
    /** Signs in with the recovery code, which opens nothing from then on: the answer has a new one. */
    recover: (handle: string, code: string): Promise<SignedUp> =>
      backchannel.enter(() => request("POST", "/api/sign-in/recovery", { body: { handle, code } })),
    /** Where to send the browser for signing in at the OpenID provider. It comes back to the path `to`. */
    startOidc: async (options: { to?: string; invite?: string } = {}): Promise<string> =>
      (await request<{ url: string }>("POST", "/api/sign-in/oidc", { body: options })).url,

    profile: (): Promise<Profile> => request("GET", "/api/me"),
    /** @throws ProblemError `handle-taken`; `forbidden` for what a guest may not have */
    change: (change: ProfileChange): Promise<Profile> =>
      request("PATCH", "/api/me", { body: change }),
    /** Deletes the account for good. What was written stays as a deleted user's, or goes. */
    delete: (messages: Leftovers): Promise<void> =>
      request("DELETE", "/api/me", { query: { messages } }),
    /** Everything that is kept of oneself. */
    export: (): Promise<{ profile: Profile; [part: string]: unknown }> =>
      request("GET", "/api/me/export"),
    /** Makes a recovery code; the one before opens nothing any more. */
    createRecoveryCode: async (): Promise<string> =>
      (await request<RecoveryCode>("POST", "/api/me/recovery-code")).recoveryCode,
    /** Makes a code, and a link, that sign in one other device, once, within ten minutes. */
    createSignInCode: (): Promise<SignInCode> => request("POST", "/api/me/sign-in-codes"),
    person: (user: string): Promise<Person> => request("GET", `/api/users/${seg(user)}`),

    passkeys: async (): Promise<Passkey[]> =>
      (await request<{ passkeys: Passkey[] }>("GET", "/api/passkeys")).passkeys,
    startPasskey: (): Promise<PasskeyOptions> =>
      optionsOf(request("POST", "/api/passkeys/options")),
    addPasskey: (credential: MadeCredential, name?: string): Promise<Passkey> =>
      request("POST", "/api/passkeys", { body: { credential, name } }),
    renamePasskey: (passkey: string, name: string): Promise<Passkey> =>
      request("PATCH", `/api/passkeys/${seg(passkey)}`, { body: { name } }),
    /** @throws ProblemError `forbidden` for the last way to sign in */
    removePasskey: (passkey: string): Promise<void> =>
      request("DELETE", `/api/passkeys/${seg(passkey)}`),

    sessions: async (): Promise<OwnSession[]> =>
      (await request<{ sessions: OwnSession[] }>("GET", "/api/sessions")).sessions,
    endSession: (session: string): Promise<void> =>
      request("DELETE", `/api/sessions/${seg(session)}`),
    /** Ends every session, or every one but this. What they hold open ends with 4401. */
    endSessions: (options: { except?: "current" } = {}): Promise<void> =>
      request("DELETE", "/api/sessions", { query: { ...options } }),

    /** The tokens of oneself and of one's bots. */
    tokens: async (): Promise<Token[]> =>
      (await request<{ tokens: Token[] }>("GET", "/api/tokens")).tokens,
    /** The answer's `token` is shown this once. */
    createToken: (token: NewToken): Promise<MadeToken> =>
      request("POST", "/api/tokens", { body: token }),
    deleteToken: (token: string): Promise<void> => request("DELETE", `/api/tokens/${seg(token)}`),

    bots: async (): Promise<User[]> => (await request<{ bots: User[] }>("GET", "/api/bots")).bots,
    createBot: (bot: NewBot): Promise<User> => request("POST", "/api/bots", { body: bot }),
    changeBot: (bot: string, change: ProfileChange): Promise<User> =>
      request("PATCH", `/api/bots/${seg(bot)}`, { body: change }),
    deleteBot: (bot: string, messages: Leftovers): Promise<void> =>
      request("DELETE", `/api/bots/${seg(bot)}`, { query: { messages } }),
  };
}

/** One's own account, as `accountOf` gives it. */
export type Account = ReturnType<typeof accountOf>;
