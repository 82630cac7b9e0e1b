import {
  type Listing,
  type Member,
  type MemberList,
  PAGE_LIMIT,
  type Role,
  type User,
} from "../protocol/index.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS members (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    joined_at TEXT NOT NULL,
    read INTEGER NOT NULL,
    handle TEXT,
    hue INTEGER
  ) WITHOUT ROWID;
`;

/** What came after a room's first tables. */
const SINCE_2 = `
  ALTER TABLE members ADD COLUMN handle TEXT;
  ALTER TABLE members ADD COLUMN hue INTEGER;
`;

type Row = Pick<User, "id" | "name" | "kind"> & {
  role: Role;
  joinedAt: string;
  handle: string | null;
  hue: number | null;
};

const FIELDS = "id, name, kind, role, joined_at AS joinedAt, handle, hue";

const memberOf = ({ id, name, kind, role, joinedAt, handle, hue }: Row): Member => ({
  user: {
    id,
    name,
    kind,
    ...(handle === null ? {} : { handle }),
    ...(hue === null ? {} : { hue }),
  },
  role,
  joinedAt,
});

/** Who is in a room, and how far each has read. */
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

  migrate(): void {
    this.#sql.exec(SINCE_2);
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
      "INSERT INTO members VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      user.id,
      user.name,
      user.kind,
      role,
      joinedAt,
      read,
      user.handle ?? null,
      user.hue ?? null,
    );
    this.#roles.set(user.id, role);
  }

  /** As they are known here; null for who is no member. */
  find(user: User["id"]): Member | null {
    const [row] = this.#sql.exec<Row>(`SELECT ${FIELDS} FROM members WHERE id = ?`, user).toArray();
    return row === undefined ? null : memberOf(row);
  }

  /** Whoever is a member gets another name, or another role. */
  change({ id, name, kind, handle, hue }: User, role: Role): void {
    this.#sql.exec(
      "UPDATE members SET name = ?, kind = ?, handle = ?, hue = ?, role = ? WHERE id = ?",
      name,
      kind,
      handle ?? null,
      hue ?? null,
      role,
      id,
    );
    this.#roles.set(id, role);
  }

  owners(): number {
    return this.#sql
      .exec<{ count: number }>("SELECT count(*) AS count FROM members WHERE role = 'owner'")
      .one().count;
  }

  count(): number {
    return this.#sql.exec<{ count: number }>("SELECT count(*) AS count FROM members").one().count;
  }

  /** Who is next to own the room: the eldest moderator, else the eldest member. */
  heir(): Member | null {
    const [row] = this.#sql
      .exec<Row>(
        `SELECT ${FIELDS} FROM members WHERE role <> 'owner'
         ORDER BY role = 'moderator' DESC, kind = 'bot', joined_at, id LIMIT 1`,
      )
      .toArray();
    return row === undefined ? null : memberOf(row);
  }

  ids(): User["id"][] {
    return this.#sql
      .exec<{ id: string }>("SELECT id FROM members")
      .toArray()
      .map(({ id }) => id);
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
      .exec<Row>(`SELECT ${FIELDS} FROM members WHERE id > ? ORDER BY id LIMIT ?`, cursor, limit)
      .toArray()
      .map(memberOf);
    return { members, next: members.length < limit ? null : (members.at(-1)?.user.id ?? null) };
  }
}
