import type { ClientStore, OutboxUnit, Page, SyncMeta } from '../../../src/client/storage/client-store.ts';

export interface Lead {
  readonly id: string;
  readonly version: number;
  readonly name: string;
}
export interface Outcome {
  readonly status: string;
  readonly position: number;
}
export type Store = ClientStore<Lead, SyncMeta, Outcome>;

/** What a store should hold, flat: `unit:5`, `ack:5`, `value:draft/lead-form`, `record:<id>`, `meta`. */
export type Contents = Map<string, string>;

/** One promise of a store and what it stands for. */
export interface Step {
  readonly run: (store: Store) => Promise<unknown>;
  readonly effect: (contents: Contents) => void;
  /** False: its keys may arrive one without the other. */
  readonly isAtomic: boolean;
  /** The disk is full at its first write. */
  readonly onFullDisk?: boolean;
}
/** Steps that run at the same time; an empty one closes the store and opens it again. */
export type Act = readonly Step[];

// Written once: a run of the script asks for the same values a thousand times.
const texts = new WeakMap<object, string>();
const textOf = (value: object): string => {
  const text = texts.get(value) ?? JSON.stringify(value);
  texts.set(value, text);
  return text;
};
const set = (contents: Contents, key: string, value: object): void => void contents.set(key, textOf(value));

// Noise, so that neither deflate nor anything else makes a long value short.
const noise = (length: number, seed: number): string => {
  let text = '';
  let state = seed + 1;
  while (text.length < length) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += state.toString(36);
  }
  return text.slice(0, length);
};

const idOf = (n: number): string => `01970000-0000-7000-8000-${String(n).padStart(12, '0')}`;

/** A unit of some events; `bytes` of noise in each. */
export const unitOf = (seq: number, events = 1, bytes = 40): OutboxUnit => ({
  seq,
  events: Array.from({ length: events }, (_, i) => ({
    id: idOf(seq * 1000 + i),
    type: 'LeadDetailsChanged',
    schemaVersion: 1,
    stream: { type: 'lead', id: idOf(seq) },
    basedOn: seq,
    at: `2026-11-22T10:00:00.000Z-0001-${idOf(1)}`,
    data: { name: `canary-unit-${seq}`, note: noise(bytes, seq * 7 + i) },
  })),
});
export const leadOf = (n: number, version = 1, bytes = 60): Lead & { readonly note: string } => ({
  id: idOf(n),
  version,
  name: `canary-record-${n}`,
  note: noise(bytes, n * 31 + version),
});

const append = (unit: OutboxUnit, onFullDisk = false): Step => ({
  run: (store) => store.append(unit),
  effect: (contents) => set(contents, `unit:${unit.seq}`, unit),
  isAtomic: true,
  onFullDisk,
});
const acknowledge = (seqs: readonly number[], status: string): Step => {
  const markers = seqs.map((seq) => ({ seq, outcomes: [{ status, position: seq * 10 }] }));
  return {
    run: (store) => store.acknowledge(markers),
    effect: (contents) => {
      for (const { seq, outcomes } of markers) set(contents, `ack:${seq}`, outcomes);
    },
    isAtomic: false,
  };
};
const remove = (seqs: readonly number[]): Step => ({
  run: (store) => store.remove(seqs),
  effect: (contents) => {
    for (const seq of seqs) for (const what of ['unit', 'ack']) contents.delete(`${what}:${seq}`);
  },
  isAtomic: false,
});
export const page = (
  position: number,
  puts: readonly Lead[],
  removes: readonly number[] = [],
): Page<Lead, SyncMeta> => ({
  puts,
  removes: removes.map(idOf),
  meta: { cursor: `cursor-${position}`, through: position },
});
const apply = (applied: Page<Lead, SyncMeta>): Step => ({
  run: (store) => store.applyPage(applied),
  effect: (contents) => {
    for (const id of applied.removes) contents.delete(`record:${id}`);
    for (const record of applied.puts) set(contents, `record:${record.id}`, record);
    set(contents, 'meta', applied.meta);
  },
  isAtomic: true,
});
const save = (name: string, value: object): Step => ({
  run: (store) => store.values.set('draft', name, value),
  effect: (contents) => set(contents, `value:draft/${name}`, value),
  isAtomic: true,
});
const forget = (name: string): Step => ({
  run: (store) => store.values.remove('draft', name),
  effect: (contents) => void contents.delete(`value:draft/${name}`),
  isAtomic: true,
});
const wipe = (kind: 'cache' | 'all'): Step => ({
  run: (store) => store.wipe(kind),
  effect: (contents) => {
    for (const key of contents.keys()) if (kind === 'all' || /^(record|meta)/.test(key)) contents.delete(key);
  },
  isAtomic: true,
});

export const PINNED = idOf(1);
const reopen: Act = [];
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** Every operation of a store, some of them at once, with a merge, a full disk and wipes on the way. */
export const script: readonly Act[] = [
  [append(unitOf(1))],
  [append(unitOf(2, 3))],
  // Too long for one key.
  [append(unitOf(3, 20, 13_000))],
  [append(unitOf(4)), append(unitOf(5)), append(unitOf(6)), save('lead-form', { name: 'canary-draft' })],
  [
    apply(
      page(
        1,
        range(1, 9).map((n) => leadOf(n)),
      ),
    ),
  ],
  reopen,
  [acknowledge([1, 2], 'accepted'), save('lead-form', { name: 'canary-draft, changed' })],
  [acknowledge([2, 3], 'conflict')],
  // A page of several segments.
  [
    apply(
      page(
        2,
        range(9, 12).map((n) => leadOf(n, 1, 60_000)),
      ),
    ),
    append(unitOf(7)),
  ],
  [remove([1, 3])],
  [save('photo', { bytes: noise(260_000, 5) })],
  [save('photo', { bytes: noise(255_000, 6) })],
  [apply(page(3, [leadOf(1, 2), leadOf(20)], [2, 9]))],
  [
    apply(
      page(
        4,
        range(3, 8).map((n) => leadOf(n, 2)),
        [10],
      ),
    ),
  ],
  [apply(page(5, [leadOf(1, 3)]))],
  reopen,
  [
    apply(
      page(
        6,
        range(30, 36).map((n) => leadOf(n)),
        [20],
      ),
    ),
    remove([2]),
  ],
  [forget('photo')],
  [
    apply(
      page(
        7,
        range(3, 8).map((n) => leadOf(n, 3)),
        [30],
      ),
    ),
  ],
  [apply(page(8, [leadOf(2, 5)], [31, 32]))],
  [append(unitOf(8), true)],
  [apply(page(9, [leadOf(40), leadOf(41)]))],
  reopen,
  [wipe('cache')],
  [
    apply(
      page(
        10,
        range(1, 4).map((n) => leadOf(n, 9)),
      ),
    ),
  ],
  reopen,
  [wipe('all')],
];
