import type {
  Deployment,
  Invitation,
  Invite,
  MadeInvite,
  NewInvite,
  SettingsChange,
} from "../protocol/deployment.ts";
import type { Room } from "../protocol/rooms.ts";
import type { Backchannel } from "./types.ts";

/**
 * The deployment as a whole: how one comes in, what its owner decides, and invitations.
 *
 * @example
 * const { claimed, signUp } = await deploymentOf(backchannel).read();
 */
export function deploymentOf({ request }: Backchannel) {
  return {
    read: (): Promise<Deployment> => request("GET", "/api/deployment"),
    /** @throws ProblemError `forbidden` for everybody but its owner */
    change: (change: SettingsChange): Promise<Deployment> =>
      request("PATCH", "/api/deployment", { body: change }),
    /** Becomes its owner with the setup code. */
    own: (code: string): Promise<Deployment> =>
      request("POST", "/api/deployment/owner", { body: { code } }),

    /** The invitations to sign up. */
    invites: async (): Promise<Invite[]> =>
      (await request<{ invites: Invite[] }>("GET", "/api/deployment/invites")).invites,
    /** The answer's `code` and `url` are shown this once. */
    createInvite: (invite: NewInvite = {}): Promise<MadeInvite> =>
      request("POST", "/api/deployment/invites", { body: invite }),
    deleteInvite: (invite: string): Promise<void> =>
      request("DELETE", `/api/deployment/invites/${encodeURIComponent(invite)}`),

    /**
     * What an invitation leads to: a room, or the deployment alone. Nobody need be signed in.
     * @throws ProblemError `not-found` for one that is not valid, whatever the reason
     */
    invitation: (code: string): Promise<Invitation> =>
      request("GET", `/api/invites/${encodeURIComponent(code)}`),
    /** Joins the room that an invitation leads to. */
    accept: (code: string): Promise<Room> =>
      request("POST", `/api/invites/${encodeURIComponent(code)}`),
  };
}

/** A deployment, as `deploymentOf` gives it. */
export type DeploymentAccess = ReturnType<typeof deploymentOf>;
