import type { User } from "../protocol/index.ts";
import { Audit } from "./audit.ts";
import { Authored } from "./authored.ts";
import { Invites } from "../invitations/store.ts";
import { Log } from "./log.ts";
import { Members } from "./members.ts";
import { Outbox, listing } from "./outbox.ts";
import { People } from "./people.ts";
import type { RoomRecord } from "./rules.ts";
import { Sanctions } from "./sanctions.ts";

/** All that a room keeps. */
export class Stores {
  readonly storage: DurableObjectStorage;
  readonly log: Log;
  readonly authored: Authored;
  readonly members: Members;
  readonly sanctions: Sanctions;
  readonly invites: Invites;
  readonly audit: Audit;
  readonly outbox: Outbox;
  readonly people: People;

  constructor(storage: DurableObjectStorage) {
    const { sql } = storage;
    this.storage = storage;
    this.log = new Log(sql);
    this.authored = new Authored(sql);
    this.members = new Members(sql);
    this.sanctions = new Sanctions(sql);
    this.invites = new Invites(sql);
    this.audit = new Audit(sql);
    this.outbox = new Outbox(sql);
    this.people = new People(this);
  }

  /** Whether there is a room; its tables are then those of this version. */
  open(): boolean {
    if (!this.log.exists()) return false;
    if (this.log.isCurrent()) return true;
    this.storage.transactionSync(() => {
      this.log.migrate();
      this.members.migrate();
      this.#createOrder();
    });
    return true;
  }

  create(record: RoomRecord, owner: User | null, now: number): void {
    this.storage.transactionSync(() => {
      this.log.create(record);
      this.members.create();
      this.outbox.create();
      this.#createOrder();
      if (owner === null) return;
      this.members.add(owner, "owner", record.createdAt, 0);
      this.outbox.put({ to: "account", user: owner.id, what: "joined", as: owner }, now);
      this.outbox.put(listing(record), now);
    });
  }

  #createOrder(): void {
    this.sanctions.create();
    this.invites.create();
    this.audit.create();
  }

  /** All of it goes but what others have to be told of that. */
  drop(now: number): void {
    this.storage.transactionSync(() => {
      this.outbox.put({ to: "directory", what: "unlisted" }, now);
      for (const user of this.members.ids()) {
        this.outbox.put({ to: "account", user, what: "left" }, now);
      }
      this.log.drop();
    });
    this.people.forget();
  }
}
