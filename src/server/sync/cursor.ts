import { timingSafeEqual } from 'node:crypto';
import type { Uuid } from '../../shared/base/ids.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { Principal } from '../access/principal.ts';
import { keyedHash } from './keyed-hash.ts';

/**
 * How far a client has scanned the log, and in which mode.
 * - `events`: everything up to `position` was sent.
 * - `newest`: the first leg of a first sync; streams last written at or before `position` (the head H at its beginning),
 *   newest first; the next page goes on below `below`.
 * - `ascending`: streams written after `position`, oldest first, until a page reaches the head.
 */
export interface Cursor {
  readonly mode: 'events' | 'newest' | 'ascending';
  readonly position: number;
  /** Id of the event at `position`; null at 0. A log restored to an older moment has another event there, or none. */
  readonly fingerprint: Uuid | null;
  /** Up to here everything visible has been sent; stands still in the modes of states. */
  readonly through: number;
  readonly below?: number | undefined;
  /** Fingerprint of the set of rules that the pages so far were read with. */
  readonly set: string;
  /** The set gave way to another one, and these losses are still to be told: all after this key. */
  readonly losing?: { readonly to: string; readonly after: string } | undefined;
  /** Changes of the own rights whose gains are not all sent. */
  readonly gains: readonly Gain[];
  /** Roots that entered and whose activities are not all sent. */
  readonly roots: readonly RootBackfill[];
}

/** What `to` has and `from` had not. */
export interface Gain {
  readonly from: string;
  readonly to: string;
  /** The head when it was noticed: before the cursor has passed it, what was gained comes as states only. */
  readonly until: number;
  /** The last root that was sent, and of its activities the last one; null: all are. */
  readonly after: { readonly root: Uuid; readonly stream: Uuid } | null;
  /** The head when all were: a root that moved elsewhere before was left out, and the log has yet to tell of it. */
  readonly doneAt: number;
}

export interface RootBackfill {
  readonly root: Uuid;
  /** The last activity that was sent, '' before the first. */
  readonly after: Uuid;
}

/** Below every id: where a backfill begins. */
export const BEGINNING: Uuid = '00000000-0000-0000-0000-000000000000';

/** The newest result that a client was told: position and id of the event. */
export interface Mark {
  readonly position: number;
  readonly fingerprint: Uuid;
}

const FORMAT = 3;
const MODES = ['events', 'newest', 'ascending'] as const;
const SIGNATURE_BYTES = 16;

const sign = (key: string, kind: string, owner: string, payload: string): Buffer =>
  Buffer.from(keyedHash(`${kind}\n${owner}\n${payload}`, key), 'hex').subarray(0, SIGNATURE_BYTES);

const seal = (key: string, kind: string, owner: string, fields: unknown): string => {
  const payload = Buffer.from(JSON.stringify(fields)).toString('base64url');
  return `${payload}.${sign(key, kind, owner, payload).toString('base64url')}`;
};

/** The fields, where the signature is ours and for this owner. Other base64url spellings of it are refused. */
const open = (key: string, kind: string, owner: string, text: string): unknown[] | undefined => {
  const [payload = '', signature = '', ...rest] = text.split('.');
  const given = Buffer.from(signature, 'base64url');
  const expected = sign(key, kind, owner, payload);
  if (rest.length > 0 || given.length !== SIGNATURE_BYTES || given.toString('base64url') !== signature)
    return undefined;
  if (!timingSafeEqual(given, expected)) return undefined;
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown[];
};

// Bound to workspace and user: a cursor says nothing to anybody else, and nobody else's is taken.
const ownerOf = ({ workspaceId, userId }: Principal): string => `${workspaceId}/${userId}`;

export const sealCursor = (key: string, principal: Principal, cursor: Cursor): string =>
  seal(key, 'cursor', ownerOf(principal), [
    FORMAT,
    MODES.indexOf(cursor.mode),
    cursor.position,
    cursor.fingerprint,
    cursor.through,
    cursor.below ?? null,
    cursor.set,
    cursor.losing === undefined ? null : [cursor.losing.to, cursor.losing.after],
    cursor.gains.map(({ from, to, until, after, doneAt }) => [
      from,
      to,
      until,
      after === null ? doneAt : [after.root, after.stream],
    ]),
    cursor.roots.map(({ root, after }) => [root, after]),
  ]);

type SealedGain = readonly [string, string, number, readonly [Uuid, Uuid] | number];

const openGain = ([from, to, until, after]: SealedGain): Gain => ({
  from,
  to,
  until,
  after: typeof after === 'number' ? null : { root: after[0], stream: after[1] },
  doneAt: typeof after === 'number' ? after : 0,
});

const openLosing = (losing: readonly [string, string] | null): Cursor['losing'] =>
  losing === null ? undefined : { to: losing[0], after: losing[1] };

/** Throws `cursor_invalid` for a text that is not a cursor of this principal. */
export const openCursor = (key: string, principal: Principal, text: string): Cursor => {
  const fields = open(key, 'cursor', ownerOf(principal), text);
  const mode = MODES[fields?.[1] as number];
  if (fields === undefined || fields[0] !== FORMAT || mode === undefined) {
    throw new Problem('cursor_invalid', 'this cursor is not one of yours: begin a first sync with "cursor": null');
  }
  return {
    mode,
    position: fields[2] as number,
    fingerprint: fields[3] as Uuid | null,
    through: fields[4] as number,
    below: (fields[5] as number | null) ?? undefined,
    set: fields[6] as string,
    losing: openLosing(fields[7] as readonly [string, string] | null),
    gains: (fields[8] as readonly SealedGain[]).map(openGain),
    roots: (fields[9] as readonly (readonly [Uuid, Uuid])[]).map(([root, after]) => ({ root, after })),
  };
};

export const sealMark = (key: string, principal: Principal, { position, fingerprint }: Mark): string =>
  seal(key, 'mark', ownerOf(principal), [FORMAT, position, fingerprint]);

export const openMark = (key: string, principal: Principal, text: string): Mark => {
  const fields = open(key, 'mark', ownerOf(principal), text);
  if (fields === undefined || fields[0] !== FORMAT) {
    throw new Problem('cursor_invalid', 'this mark is not one of yours: leave it out');
  }
  return { position: fields[1] as number, fingerprint: fields[2] as Uuid };
};
