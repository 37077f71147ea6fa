import type { StopReason, SyncReport } from '../api.ts';
import type { OpenUser } from '../open-user.ts';
import type { Session } from '../session/session.ts';
import type { Entry, Outcome } from '../view/outbox.ts';
import { ask, type Heard } from './ask.ts';
import { nextBatch } from './batch.ts';
import { beginAnew } from './begin-anew.ts';
import { acknowledge, settle } from './settle.ts';
import { createSuspects, type Suspects } from './suspects.ts';
import { takePage } from './take-page.ts';

interface Parts {
  readonly user: OpenUser;
  readonly session: Session;
  readonly now: () => number;
  /** Ends it between two requests. */
  readonly isOver: () => StopReason | undefined;
}

/** What a run did, and what was said to it on the way. */
export interface Run {
  readonly report: SyncReport;
  /** Before which the server does not want to be asked again. */
  readonly retryAfterMs?: number | undefined;
  /** A signed order, to be verified and obeyed. */
  readonly wipeOrder?: string | undefined;
}

interface State {
  pushed: number;
  refused: number;
  conflicts: number;
  pulled: number;
  wipeOrder: string | undefined;
  retryAfterMs: number | undefined;
  resets: number;
  readonly held: Set<Entry>;
  readonly suspects: Suspects;
}

/** A log that is restored twice within one run is a server that cannot make up its mind. */
const RESETS_MAX = 2;

/** Pushes and pulls until nothing is left to do, or something stands in the way. Never throws for the network's sake. */
export const runSync = async (parts: Parts): Promise<Run> => {
  const state: State = {
    pushed: 0,
    refused: 0,
    conflicts: 0,
    pulled: 0,
    wipeOrder: undefined,
    retryAfterMs: undefined,
    resets: 0,
    held: new Set(),
    suspects: createSuspects(),
  };
  const stoppedBy = await rounds(parts, state);
  const { pushed, refused, conflicts, pulled, wipeOrder, retryAfterMs } = state;
  const isDone = parts.user.outbox.pending() === 0;
  const upToDate = stoppedBy === undefined && isDone && parts.user.meta.upToDate;
  const reason = stoppedBy ?? (isDone ? undefined : 'waiting');
  const report = {
    pushed,
    refused,
    conflicts,
    pulled,
    upToDate,
    ...(reason === undefined ? {} : { stoppedBy: reason }),
  };
  return { report, wipeOrder, retryAfterMs };
};

const rounds = async (parts: Parts, state: State): Promise<StopReason | undefined> => {
  const { user } = parts;
  for (let asked = false; ; asked = true) {
    const over = parts.isOver();
    if (over !== undefined) return over;
    const batch = nextBatch(user.outbox, user.confirmed, { units: state.suspects.units(), held: state.held });
    if (asked && batch.length === 0 && user.meta.upToDate) return undefined;
    const stop = await take(parts, state, batch, await ask(parts, batch));
    if (stop !== undefined) return stop;
  }
};

/** Undefined: go on. */
const take = async (
  parts: Parts,
  state: State,
  batch: readonly Entry[],
  heard: Heard,
): Promise<StopReason | undefined> => {
  switch (heard.kind) {
    case 'answer':
      return takeAnswer(parts, state, batch, heard);
    case 'reset':
      state.resets += 1;
      if (state.resets > RESETS_MAX) return 'server_unavailable';
      return (await beginAnew(parts.user)) ? undefined : 'storage_full';
    case 'failed':
      return takeFailure(parts, state, batch, heard);
    case 'unavailable':
      state.retryAfterMs = heard.retryAfterMs;
      return 'server_unavailable';
    case 'revoked':
      state.wipeOrder = heard.order;
      return 'signed_out';
    case 'offline':
    case 'signed_out':
      return heard.kind;
  }
};

const takeAnswer = async (
  { user }: Parts,
  state: State,
  batch: readonly Entry[],
  { answer, wipeOrder }: Extract<Heard, { kind: 'answer' }>,
): Promise<StopReason | undefined> => {
  const settled = await settle(user, batch, answer.results);
  if (settled === undefined) return 'storage_full';
  state.pushed += settled.pushed;
  state.refused += settled.refused;
  state.conflicts += settled.conflicts;
  for (const entry of settled.held) state.held.add(entry);
  state.wipeOrder = wipeOrder ?? state.wipeOrder;
  if (batch.length > 0) state.suspects.succeeded();
  const { cursor } = user.meta;
  if (!(await takePage(user, answer))) return 'storage_full';
  const pulled = answer.ops?.length ?? 0;
  state.pulled += pulled;
  // A server that has nothing to say and is never done would be asked for ever.
  const isStuck = batch.length === 0 && pulled === 0 && user.meta.cursor === cursor && !user.meta.upToDate;
  return isStuck ? 'server_unavailable' : undefined;
};

const takeFailure = async (
  parts: Parts,
  state: State,
  batch: readonly Entry[],
  { atOnce, message }: Extract<Heard, { kind: 'failed' }>,
): Promise<StopReason | undefined> => {
  const [suspect] = batch;
  if (suspect === undefined) return 'server_unavailable';
  if (state.suspects.failed(batch, atOnce) === 'again') return undefined;
  // Whoever fails without any event, too, is not failing over one of them.
  const alone = await ask(parts, []);
  if (alone.kind !== 'answer') return alone.kind === 'failed' ? 'server_unavailable' : take(parts, state, [], alone);
  if (batch.length > 1) return takeAnswer(parts, state, [], alone);
  const isQuarantined = await acknowledge(parts.user, [{ entry: suspect, outcomes: undeliverable(suspect, message) }]);
  if (!isQuarantined) return 'storage_full';
  state.refused += suspect.unit.events.length;
  return takeAnswer(parts, state, [], alone);
};

/** It goes to the refused inbox with its data, so that those behind it may pass. */
const undeliverable = ({ unit }: Entry, message: string): Outcome[] =>
  unit.events.map(() => ({
    kind: 'refused',
    code: 'undeliverable',
    message: `the server fails over this event and takes the others: ${message}`,
  }));
