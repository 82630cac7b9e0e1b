import {
  type MemberList,
  PAGE_LIMIT,
  type Role,
  type User,
  type UserKind,
} from "../protocol/index.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS members (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    joined_at TEXT NOT NULL,
    read INTEGER NOT NULL
  ) WITHOUT ROWID;
`;

/** Who is in a room, and how far each has read. */
/** A part of a list: behind `cursor`, a user's id, at most `limit`. */
export interface Listing {
  cursor?: string | undefined;
  limit?: number | undefined;
}

export class Members {
  readonly #sql: SqlStorage;
  /** Roles looked up since the object woke: the same people write again and again. */
  readonly #roles = new Map<User["id"], Role | null>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(SCHEMA);
  }

  /** Drops what was looked up: after a write that failed it may be wrong. */
  forget(): void {
    this.#roles.clear();
  }

  role(user: User["id"]): Role | null {
    const known = this.#roles.get(user);
    if (known !== undefined) return known;
    const [row] = this.#sql
      .exec<{ role: Role }>("SELECT role FROM members WHERE id = ?", user)
      .toArray();
    // Strangers who only look must not fill the memory.
    if (this.#roles.size >= 10_000) this.#roles.clear();
    this.#roles.set(user, row?.role ?? null);
    return row?.role ?? null;
  }

  add(user: User, role: Role, joinedAt: string, read: number): void {
    this.#sql.exec(
      "INSERT INTO members VALUES (?, ?, ?, ?, ?, ?)",
      user.id,
      user.name,
      user.kind,
      role,
      joinedAt,
      read,
    );
    this.#roles.set(user.id, role);
  }

  remove(user: User["id"]): void {
    this.#sql.exec("DELETE FROM members WHERE id = ?", user);
    this.#roles.set(user, null);
  }

  /** How far a member has read; 0 for who is none. */
  readMark(user: User["id"]): number {
    const [row] = this.#sql
      .exec<{ read: number }>("SELECT read FROM members WHERE id = ?", user)
      .toArray();
    return row?.read ?? 0;
  }

  /** Moves a read mark forward, never back: two devices report in any order. Whether it moved. */
  markRead(user: User["id"], seq: number): boolean {
    const moved = this.#sql
      .exec("UPDATE members SET read = ?1 WHERE id = ?2 AND read < ?1 RETURNING read", seq, user)
      .toArray();
    return moved.length > 0;
  }

  /** By id, so that a cursor keeps its place while people come and go. */
  list({ cursor = "", limit = PAGE_LIMIT.usual }: Listing): MemberList {
    const members = this.#sql
      .exec<{ id: string; name: string; kind: UserKind; role: Role; joinedAt: string }>(
        `SELECT id, name, kind, role, joined_at AS joinedAt FROM members
         WHERE id > ? ORDER BY id LIMIT ?`,
        cursor,
        limit,
      )
      .toArray()
      .map(({ id, name, kind, role, joinedAt }) => ({ user: { id, name, kind }, role, joinedAt }));
    return { members, next: members.length < limit ? null : (members.at(-1)?.user.id ?? null) };
  }
}
