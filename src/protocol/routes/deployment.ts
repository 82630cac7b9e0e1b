import { z } from "zod";
import {
  Claim,
  Deployment,
  Invitation,
  InviteId,
  InviteList,
  MadeInvite,
  NewInvite,
  SettingsChange,
} from "../deployment.ts";
import { listing } from "../parameters.ts";
import { Room } from "../rooms.ts";
import type { Route } from "./route.ts";

const invitation = z.object({
  code: z.string().regex(/^[\w.-]{1,200}$/, "not an invitation's code"),
});

/** The deployment as a whole, and invitations into it. */
export const DEPLOYMENT_ROUTES = {
  readHealth: {
    method: "GET",
    path: "/api/health",
    summary: "Whether the deployment answers",
    caller: "anyone",
    scope: "any",
    answers: { 200: z.strictObject({ ok: z.literal(true), version: z.string() }) },
    problems: [],
  },
  readDeployment: {
    method: "GET",
    path: "/api/deployment",
    summary: "How one comes in here",
    caller: "anyone",
    scope: "any",
    answers: { 200: Deployment },
    problems: [],
  },
  changeDeployment: {
    method: "PATCH",
    path: "/api/deployment",
    summary: "Change who may come in and make rooms",
    caller: "signed-in",
    scope: "admin",
    body: SettingsChange,
    answers: { 200: Deployment },
    problems: ["forbidden"],
  },
  ownDeployment: {
    method: "POST",
    path: "/api/deployment/owner",
    summary: "Become its owner with the setup code",
    caller: "signed-in",
    scope: "session",
    meter: "try",
    body: Claim,
    answers: { 200: Deployment },
    problems: ["forbidden", "rate-limited"],
  },
  createSignUpInvite: {
    method: "POST",
    path: "/api/deployment/invites",
    summary: "Make an invitation to sign up",
    caller: "signed-in",
    scope: "admin",
    meter: "make",
    body: NewInvite,
    answers: { 201: MadeInvite },
    problems: ["forbidden", "rate-limited"],
  },
  listSignUpInvites: {
    method: "GET",
    path: "/api/deployment/invites",
    summary: "The invitations to sign up",
    caller: "signed-in",
    scope: "admin",
    query: listing,
    answers: { 200: InviteList },
    problems: ["forbidden"],
  },
  deleteSignUpInvite: {
    method: "DELETE",
    path: "/api/deployment/invites/:invite",
    summary: "Revoke an invitation to sign up",
    caller: "signed-in",
    scope: "admin",
    params: z.object({ invite: InviteId }),
    answers: { 204: null },
    problems: ["forbidden"],
  },
  readInvitation: {
    method: "GET",
    path: "/api/invites/:code",
    summary: "What an invitation leads to",
    caller: "anyone",
    scope: "any",
    meter: "try",
    params: invitation,
    answers: { 200: Invitation },
    problems: ["rate-limited"],
  },
  acceptInvitation: {
    method: "POST",
    path: "/api/invites/:code",
    summary: "Join a room by an invitation",
    caller: "signed-in",
    scope: "write",
    meter: "try",
    params: invitation,
    answers: { 200: Room },
    problems: ["forbidden", "rate-limited"],
  },
} as const satisfies Record<string, Route>;
