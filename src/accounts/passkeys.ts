/** What is kept of a passkey. Nothing of it is secret: the private key stays on the device. */
export interface PasskeyRow {
  /** The credential's id, base64url. */
  id: string;
  /** The COSE key, base64url. */
  publicKey: string;
  counter: number;
  name: string;
  synced: boolean;
  createdAt: number;
  usedAt: number | null;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS passkeys (
    id TEXT PRIMARY KEY,
    public_key TEXT NOT NULL,
    counter INTEGER NOT NULL,
    name TEXT NOT NULL,
    synced INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER
  ) WITHOUT ROWID;
  -- Challenges that were answered, until they expire by themselves.
  CREATE TABLE IF NOT EXISTS answered (
    nonce TEXT PRIMARY KEY,
    expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;
`;

export class Passkeys {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  create(): void {
    this.#sql.exec(SCHEMA);
  }

  /** False where the challenge was answered before. */
  useChallenge(nonce: string, expiresAt: number, now: number): boolean {
    this.#sql.exec("DELETE FROM answered WHERE expires_at < ?", now);
    const used = "INSERT OR IGNORE INTO answered VALUES (?, ?)";
    return this.#sql.exec(used, nonce, expiresAt).rowsWritten > 0;
  }

  all(): PasskeyRow[] {
    return this.#sql
      .exec<Omit<PasskeyRow, "synced"> & { synced: number } & Record<string, SqlStorageValue>>(
        `SELECT id, public_key AS publicKey, counter, name, synced,
           created_at AS createdAt, used_at AS usedAt
         FROM passkeys ORDER BY created_at, id`,
      )
      .toArray()
      .map((row) => ({ ...row, synced: row.synced === 1 }));
  }

  find(id: string): PasskeyRow | null {
    return this.all().find((passkey) => passkey.id === id) ?? null;
  }

  add(passkey: PasskeyRow): void {
    this.#sql.exec(
      "INSERT INTO passkeys VALUES (?, ?, ?, ?, ?, ?, ?)",
      passkey.id,
      passkey.publicKey,
      passkey.counter,
      passkey.name,
      passkey.synced ? 1 : 0,
      passkey.createdAt,
      passkey.usedAt,
    );
  }

  used(id: string, { counter, synced }: Pick<PasskeyRow, "counter" | "synced">, at: number): void {
    this.#sql.exec(
      "UPDATE passkeys SET counter = ?, synced = ?, used_at = ? WHERE id = ?",
      counter,
      synced ? 1 : 0,
      at,
      id,
    );
  }

  rename(id: string, name: string): void {
    this.#sql.exec("UPDATE passkeys SET name = ? WHERE id = ?", name, id);
  }

  remove(id: string): void {
    this.#sql.exec("DELETE FROM passkeys WHERE id = ?", id);
  }

  clear(): void {
    this.#sql.exec("DELETE FROM passkeys");
  }
}
