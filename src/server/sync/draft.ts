import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { StreamRef } from '../../shared/contract/envelope.ts';
import type { EventRow, RescopeRow, ScopeRow } from '../log/append.ts';
import { pastKey, type PastPair } from '../log/past-pairs.ts';
import { rateKey, type KnownRate, type RateWanted } from '../log/read-rates.ts';
import type { StreamSnapshot } from '../log/read-streams.ts';

/** A stream as the group would leave it. */
export interface Written {
  readonly snapshot: StreamSnapshot;
  /** Of the stream's last event in the group. */
  readonly ordinal: number;
}

/**
 * The append that a group is working on. States in it are speculative: they are thrown away with it unless the group
 * commits. A group of events that is all or nothing saves before and rolls back after a refusal.
 */
export interface Draft {
  /** As loaded before the group; undefined: known to be absent. */
  readonly loaded: ReadonlyMap<Uuid, StreamSnapshot | undefined>;
  readonly written: Map<Uuid, Written>;
  /** Version, before the group, of every stream that a decision read. */
  readonly reads: Map<Uuid, number>;
  /** Streams that a decision needs and nobody has loaded: load them and decide again. */
  readonly missing: Set<Uuid>;
  /** Fields of streams as they once were, by id and version; undefined: not to be had. */
  readonly pasts: ReadonlyMap<string, JsonObject | undefined>;
  /** Those that a decision needs and nobody has loaded. */
  readonly missingPasts: Map<string, Past>;
  /** Where records stood at a past version, likewise. */
  readonly pairs: ReadonlyMap<string, PastPair | undefined>;
  readonly missingPairs: Map<string, PastVersion>;
  /** What currencies cost in the base currency, likewise. */
  readonly rates: ReadonlyMap<string, KnownRate | undefined>;
  readonly missingRates: Map<string, RateWanted>;
  readonly events: EventRow[];
  readonly scopes: Map<Uuid, ScopeRow>;
  readonly rescopes: RescopeRow[];
  accessOrdinal: number;
}

/** A record as of one of its versions. */
export interface PastVersion {
  readonly id: Uuid;
  readonly version: number;
}

/** What a draft starts from. */
export type DraftBasis = Pick<Draft, 'loaded' | 'pasts' | 'pairs' | 'rates'>;

export const createDraft = ({ loaded, pasts, pairs, rates }: DraftBasis): Draft => ({
  loaded,
  pasts,
  missingPasts: new Map(),
  pairs,
  missingPairs: new Map(),
  rates,
  missingRates: new Map(),
  written: new Map(),
  reads: new Map(),
  missing: new Set(),
  events: [],
  scopes: new Map(),
  rescopes: [],
  accessOrdinal: 0,
});

/** The stream as the events before this one leave it; remembers that the decision rests on it. */
export const readSnapshot = (draft: Draft, id: Uuid, absentUnlessLoaded = false): StreamSnapshot | undefined => {
  const loaded = draft.loaded.get(id);
  if (loaded === undefined && !absentUnlessLoaded && !draft.loaded.has(id) && !draft.written.has(id)) {
    draft.missing.add(id);
    return undefined;
  }
  draft.reads.set(id, loaded?.version ?? 0);
  return draft.written.get(id)?.snapshot ?? loaded;
};

/** Where a record stood at a version; what nobody has loaded is noted as missing. */
export const readPastPair = (draft: Draft, past: PastVersion): PastPair | undefined => {
  const key = pastKey(past);
  if (!draft.pairs.has(key)) draft.missingPairs.set(key, past);
  return draft.pairs.get(key);
};

/** The newest rate of a pair on a day; what nobody has loaded is noted as missing. */
export const readRate = (draft: Draft, wanted: RateWanted): KnownRate | undefined => {
  const key = rateKey(wanted);
  if (!draft.rates.has(key)) draft.missingRates.set(key, wanted);
  return draft.rates.get(key);
};

/** A stream as after a version. */
export interface Past {
  readonly stream: StreamRef;
  readonly version: number;
}

/** The fields of a stream as after a version that is committed. */
export const readPastOf = (draft: Draft, past: Past): JsonObject | undefined => {
  const key = `${past.stream.id}/${past.version}`;
  if (!draft.pasts.has(key)) draft.missingPasts.set(key, past);
  return draft.pasts.get(key);
};

export interface Savepoint {
  readonly written: ReadonlyMap<Uuid, Written>;
  readonly events: number;
  readonly rescopes: number;
  readonly accessOrdinal: number;
}

export const save = (draft: Draft): Savepoint => ({
  written: new Map(draft.written),
  events: draft.events.length,
  rescopes: draft.rescopes.length,
  accessOrdinal: draft.accessOrdinal,
});

/** What was read stays read: the refusal rests on it. */
export const rollBack = (draft: Draft, savepoint: Savepoint): void => {
  draft.written.clear();
  for (const [id, written] of savepoint.written) draft.written.set(id, written);
  draft.events.length = savepoint.events;
  draft.rescopes.length = savepoint.rescopes;
  draft.accessOrdinal = savepoint.accessOrdinal;
};
