import type { Uuid } from '../shared/base/ids.ts';
import type { Json, JsonObject } from '../shared/base/json.ts';
import type { CONFLICT_CHOICES, OpenConflict } from '../shared/contract/conflicts.ts';
import type { StreamRef } from '../shared/contract/envelope.ts';
import type { EventType } from '../shared/contract/events/registry.ts';
import type { NamedView, UserView } from '../shared/contract/identity.ts';
import type { FieldError } from '../shared/contract/rejections.ts';
import type { Ports } from './ports.ts';
import type { PerItemStorage } from './storage/async-storage.ts';
import type { RefusedCode } from './view/outbox.ts';
import type { Resources } from './resources/types.ts';

/** Where the server is, and what the SDK may use of its surroundings. */
export interface LeadZenOptions extends Ports {
  /** Origin of the server: `https://crm.example.com`. */
  readonly baseUrl: string;
  /** What the registry of devices shows. */
  readonly device?: { readonly name?: string; readonly platform?: string };
  /** Milliseconds without any call after which the session ends; default: never. */
  readonly sessionTimeoutMs?: number;
  /** Whether it syncs by itself after edits, on wake-ups and on live hints; default true. */
  readonly autoSync?: boolean;
}

/** Who is signed in. */
export interface SessionView {
  readonly user: UserView;
  readonly workspace: NamedView;
  readonly deviceId: Uuid;
  /** False where the session is over: local work goes on, syncing waits for the same user to sign in again. */
  readonly live: boolean;
}

export interface SignUpInput {
  readonly workspaceName: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
}
export interface SignInInput {
  readonly email: string;
  readonly password: string;
}

/** What becomes of unsent events: tried once more, kept sealed for the same user, or thrown away. */
export type PendingAtSignOut = 'send' | 'keep' | 'discard';
export interface SignOutReport {
  /** Events that are still unsent and kept on this device. */
  readonly kept: number;
  /** Unsent events that were thrown away. */
  readonly discarded: number;
}

/**
 * Where the newest edit of a record stands. `saved`: durable on this device, never offered to the server · `queued`: it
 * was offered and waits for another try, or for an event it depends on · `sent`: under way, or acknowledged and not back
 * yet · `confirmed`: nothing is pending · `conflict`: a person has to decide · `refused`: see `refused.list()`.
 */
export type RecordStatus = 'saved' | 'queued' | 'sent' | 'confirmed' | 'conflict' | 'refused';

/** What a sync did. Being offline is a result, not an exception. */
export interface SyncReport {
  /** Events that the server has acknowledged. */
  readonly pushed: number;
  readonly refused: number;
  readonly conflicts: number;
  /** Changes that came from the server. */
  readonly pulled: number;
  /** Nothing is left to send, and everything visible has been pulled. */
  readonly upToDate: boolean;
  /** Why it ended before that. */
  readonly stoppedBy?: StopReason;
}
export type StopReason =
  | 'offline'
  | 'signed_out'
  | 'busy_elsewhere'
  | 'server_unavailable'
  | 'time_limit'
  | 'waiting'
  | 'wiped'
  | 'update_app'
  | 'storage_full';

export interface SyncStatus {
  readonly state: 'idle' | 'syncing' | 'offline' | 'signed_out' | 'standby';
  /** Events that the server has not acknowledged yet. */
  readonly pending: number;
  readonly refused: number;
  readonly conflicts: number;
  readonly upToDate: boolean;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly lastSyncedAt: number | null;
  /** Events and values on this device that cannot be read any more: their key is gone, or somebody changed them. */
  readonly damaged: number;
  /** Set once, when a signed order has wiped this device. */
  readonly wiped?: { readonly destroyedEvents: number };
}

/** What changed on view. */
export interface Change {
  readonly ids: readonly Uuid[];
}
export type Unsubscribe = () => void;

/** An event that was refused. It keeps its data until it is sent again or discarded. */
export interface RefusedEvent {
  readonly id: Uuid;
  readonly type: EventType | (string & {});
  readonly stream: StreamRef;
  readonly data: JsonObject;
  readonly code: RefusedCode;
  readonly message: string;
  readonly fields: readonly FieldError[];
  /** Ids of all events that were to happen together with it. */
  readonly together: readonly Uuid[];
}

export interface RefusedInbox {
  readonly list: () => Promise<readonly RefusedEvent[]>;
  /** Sends the event, and those it belongs together with, again under new ids; `data` replaces its data. @throws Refusal */
  resend(id: Uuid, data?: JsonObject): Promise<void>;
  /** Gives the event up, and those it belongs together with. */
  discard(id: Uuid): Promise<void>;
}

/** Two people changed the same at once; nothing was overwritten, and a person decides. */
export interface ConflictView extends Omit<OpenConflict, 'conflictId'> {
  readonly id: Uuid;
  readonly stream: StreamRef;
  /** It was raised by an edit of this device. */
  readonly isOwn: boolean;
}
export type ConflictChoice = (typeof CONFLICT_CHOICES)[number];

export interface ConflictInbox {
  readonly list: () => Promise<readonly ConflictView[]>;
  /** `value`: the register's fields, with `custom`. @throws Refusal */
  resolve(id: Uuid, choice: ConflictChoice, value?: JsonObject): Promise<void>;
}

/** Small values that stay on this device: half-filled forms, preferences. */
export interface LocalValues {
  save(key: string, value: Json): Promise<void>;
  get(key: string): Promise<Json | undefined>;
  remove(key: string): Promise<void>;
  keys(): Promise<readonly string[]>;
}
export interface Settings {
  set(key: string, value: Json): Promise<void>;
  get(key: string): Promise<Json | undefined>;
  all(): Promise<JsonObject>;
}

/** How the records of one key of an old app become ours. */
export interface AdoptSpec {
  /** The key of the old app's AsyncStorage: `cached_leads`. */
  readonly key: string;
  readonly type: 'lead' | 'contact' | 'company' | 'deal';
  /**
   * An old record's fields as ours; undefined leaves it out. Default: the fields of the same name.
   * `idOf` answers the id that another old record, of this key or another one, gets or got here.
   */
  readonly map?: (record: JsonObject, idOf: (oldId: string, key?: string) => Uuid) => JsonObject | undefined;
  /** The key of unsent changes; default `pending_changes`. */
  readonly pendingKey?: string;
  /** Where the old app kept them; default: the SDK's own `storage`, unless that is a maker of scoped stores. */
  readonly storage?: Pick<PerItemStorage, 'getItem'>;
}
export interface AdoptReport {
  /** Records that became events. */
  readonly adopted: number;
  /** Records that were here already, from an earlier run. */
  readonly already: number;
  /** Those that a rule refused or `map` left out, with the reason. */
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  /** Our ids by the ids of the old app. */
  readonly ids: Readonly<Record<string, Uuid>>;
}

/** The result of a list that follows the changes. */
export interface LiveList<R> {
  /** The same array until something changes; empty before the first answer. */
  readonly current: () => readonly R[];
  readonly subscribe: (listener: () => void) => Unsubscribe;
}

/** A CRM on a phone. All reads are local, all writes work offline, and `sync` exchanges both with the server. */
export interface LeadZen extends Resources {
  signUp(input: SignUpInput): Promise<SessionView>;
  signIn(input: SignInInput): Promise<SessionView>;
  signOut(options?: { readonly pending?: PendingAtSignOut }): Promise<SignOutReport>;
  session(): Promise<SessionView | null>;

  /** Called with the ids of a resource's records whenever their view changes. */
  subscribe(resource: keyof Resources, listener: (change: Change) => void): Unsubscribe;
  /** Undefined for a record that is not on view. */
  status(recordId: Uuid): RecordStatus | undefined;

  sync(): Promise<SyncReport>;
  /** For background tasks: pushes first, and ends in time. */
  syncOnce(options: { readonly maxMs: number }): Promise<SyncReport>;
  readonly syncStatus: () => SyncStatus;
  readonly onSyncStatus: (listener: () => void) => Unsubscribe;

  readonly conflicts: ConflictInbox;
  readonly refused: RefusedInbox;
  readonly drafts: LocalValues;
  readonly settings: Settings;

  /** Turns what an AsyncStorage-only app left behind into events, once; an interrupted run goes on where it stopped. */
  adopt(spec: AdoptSpec): Promise<AdoptReport>;
  /** Ends timers, connections and the hold on the storage. */
  close(): Promise<void>;
}
