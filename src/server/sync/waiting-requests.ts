import type { PushResult } from '../../shared/contract/sync.ts';
import { movesAccess } from '../../shared/domain/access.ts';
import type { Request } from './decide-group.ts';
import { isWellFormed, type Examined } from './examine.ts';

/**
 * Events that leave together. With more, few are left to be decided while a group is in flight: 16 connections with 100
 * events a request were pushed a seventh faster in groups of 500 than of 2000, and with 300 no faster.
 */
const GROUP_MAX = 500;
/** An import's share of a group, so that people never wait behind it for long. */
const BULK_GROUP_MAX = 200;

export interface Pushed {
  /** One an event, in the same order. */
  readonly results: readonly PushResult[];
  /** The workspace's newest position. */
  readonly head: number;
}

export interface Waiting {
  readonly request: Request;
  readonly bulk: boolean;
  readonly done: (pushed: Pushed) => void;
  readonly failed: (reason: unknown) => void;
}

/** The requests of one workspace that wait for the group in flight. */
export interface Queue {
  readonly waiting: Waiting[];
  /** Of all that wait. */
  events: number;
  running: boolean;
  lastWasBulk: boolean;
}

export const createQueue = (): Queue => ({ waiting: [], events: 0, running: false, lastWasBulk: false });

const mayMoveAccess = ({ event }: Examined): boolean => isWellFormed(event) && movesAccess(event.type);

/** People and imports take turns; an import's turn is short, so that neither waits for the other for long. */
export const takeGroup = (queue: Queue): Waiting[] => {
  const bulk = queue.waiting.some((waiting) => waiting.bulk === !queue.lastWasBulk) !== queue.lastWasBulk;
  queue.lastWasBulk = bulk;
  const max = bulk ? BULK_GROUP_MAX : GROUP_MAX;
  const group: Waiting[] = [];
  let events = 0;
  for (let index = 0; index < queue.waiting.length;) {
    const waiting = queue.waiting[index] as Waiting;
    if (waiting.bulk !== bulk) {
      index += 1;
      continue;
    }
    if (group.length > 0 && events + waiting.request.events.length > max) break;
    events += waiting.request.events.length;
    group.push(...queue.waiting.splice(index, 1));
    // Whoever comes after a change of rights or rates is judged by them, which the log tells once it is committed.
    if (waiting.request.events.some(mayMoveAccess)) break;
  }
  queue.events -= events;
  return group;
};
