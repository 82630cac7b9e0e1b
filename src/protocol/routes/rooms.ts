import { z } from "zod";
import { listing, room } from "../parameters.ts";
import { MemberList, NewRoom, Room, RoomChange, RoomList } from "../rooms.ts";
import type { Route } from "./route.ts";

/** Rooms, and being in them. */
export const ROOMS_ROUTES = {
  listRooms: {
    method: "GET",
    path: "/api/rooms",
    summary: "The rooms the caller may see",
    caller: "anyone",
    scope: "read",
    query: listing.extend({
      query: z.string().max(100).optional().meta({ description: "part of a slug, title or topic" }),
    }),
    answers: { 200: RoomList },
    problems: [],
  },
  createRoom: {
    method: "POST",
    path: "/api/rooms",
    summary: "Make a room",
    caller: "signed-in",
    scope: "write",
    body: NewRoom,
    answers: { 201: Room },
    problems: ["slug-taken", "rate-limited"],
  },
  readRoom: {
    method: "GET",
    path: "/api/rooms/:slug",
    summary: "One room",
    caller: "anyone",
    scope: "read",
    open: true,
    params: room,
    answers: { 200: Room },
    problems: [],
  },
  changeRoom: {
    method: "PATCH",
    path: "/api/rooms/:slug",
    summary: "Change a room's title, topic or rules",
    caller: "signed-in",
    scope: "admin",
    params: room,
    body: RoomChange,
    answers: { 200: Room },
    problems: ["forbidden", "rate-limited"],
  },
  joinRoom: {
    method: "POST",
    path: "/api/rooms/:slug/join",
    summary: "Become a member of a public room",
    caller: "signed-in",
    scope: "write",
    params: room,
    answers: { 200: Room },
    problems: ["rate-limited"],
  },
  leaveRoom: {
    method: "POST",
    path: "/api/rooms/:slug/leave",
    summary: "Stop being a member",
    caller: "signed-in",
    scope: "write",
    params: room,
    answers: { 204: null },
    problems: ["forbidden", "rate-limited"],
  },
  listMembers: {
    method: "GET",
    path: "/api/rooms/:slug/members",
    summary: "Who is a member of a room",
    caller: "signed-in",
    scope: "read",
    params: room,
    query: listing,
    answers: { 200: MemberList },
    problems: [],
  },
} as const satisfies Record<string, Route>;
