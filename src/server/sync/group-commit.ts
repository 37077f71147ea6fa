import type { Uuid } from '../../shared/base/ids.ts';
import { Problem } from '../../shared/contract/problem.ts';
import { rejection } from '../../shared/contract/rejections.ts';
import type { PushResult } from '../../shared/contract/sync.ts';
import { asProblem, isRefusedValue } from '../database/failure.ts';
import type { Wake } from '../log/wake.ts';
import { commitGroup, prepareGroup, type CommitParts, type Committed, type Prepared } from './commit-group.ts';
import type { Request } from './decide-group.ts';
import type { Draft } from './draft.ts';
import type { Examined } from './examine.ts';
import { createQueue, takeGroup, type Pushed, type Queue, type Waiting } from './waiting-requests.ts';

/** Waiting events that are worth deciding while a group is in flight; fewer are better off in a larger group later. */
const OVERLAP_MIN = 100;
/** Events of one workspace that may wait; beyond that the server sheds load. */
const WAITING_MAX = 50_000;

interface Flight {
  readonly draft: Draft;
  /** Resolves, and never rejects, when the group has its answers. */
  readonly landed: Promise<boolean>;
}

export interface GroupCommit {
  /** Takes a request into the workspace's next group. Throws `overloaded` where too much waits already. */
  readonly enqueue: (workspaceId: Uuid, request: Request, bulk: boolean) => Promise<Pushed>;
}

/** Joins the requests of a workspace into groups, one at a time in flight; workspaces run in parallel. */
export const createGroupCommit = (parts: CommitParts, wake: Wake): GroupCommit => {
  const queues = new Map<Uuid, Queue>();
  const { prepare, settle, land } = createLanding(parts, wake);

  /**
   * While one group of a workspace is in flight the next one gathers: no timer, and a quiet workspace never waits. Where
   * many events wait, the next group is decided meanwhile, on the states that the one in flight is about to leave.
   */
  const run = async (workspaceId: Uuid, queue: Queue): Promise<void> => {
    queue.running = true;
    let flight: Flight | undefined;
    while (flight !== undefined || queue.waiting.length > 0) {
      if (flight !== undefined && (queue.events < OVERLAP_MIN || flight.draft.accessOrdinal > 0)) {
        await flight.landed;
        flight = undefined;
        continue;
      }
      const group = takeGroup(queue);
      const prepared = await prepare(workspaceId, group, flight?.draft);
      const holds = flight === undefined || (await flight.landed);
      if (flight !== undefined && !(holds && prepared !== undefined)) await settle(workspaceId, group);
      flight = holds && prepared !== undefined ? takeOff(workspaceId, group, prepared) : undefined;
    }
    queue.running = false;
    queues.delete(workspaceId);
  };

  const takeOff = (workspaceId: Uuid, group: readonly Waiting[], prepared: Prepared): Flight => ({
    draft: prepared.draft,
    landed: land(workspaceId, group, prepared),
  });

  return {
    enqueue: (workspaceId, request, bulk) => {
      const queue = queues.get(workspaceId) ?? createQueue();
      if (queue.events + request.events.length > WAITING_MAX) {
        throw new Problem(
          'overloaded',
          'too many changes are waiting to be written: send the request again in a moment',
        );
      }
      queues.set(workspaceId, queue);
      queue.events += request.events.length;
      return new Promise((done, failed) => {
        queue.waiting.push({ request, bulk, done, failed });
        if (!queue.running) void run(workspaceId, queue);
      });
    },
  };
};

/** How a group gets its answers, whatever happens on the way. */
const createLanding = (parts: CommitParts, wake: Wake) => {
  /** Undefined where the group could not even be decided; its requests are told. */
  const prepare = async (
    workspaceId: Uuid,
    group: readonly Waiting[],
    inFlight?: Draft,
  ): Promise<Prepared | undefined> => {
    try {
      return await prepareGroup(
        parts,
        workspaceId,
        group.map(({ request }) => request),
        inFlight,
      );
    } catch (error) {
      // On top of a group in flight the failure may be that one's: the group is decided again when it has landed.
      if (inFlight === undefined) await fail(workspaceId, group, error);
      return undefined;
    }
  };

  /** Decides and appends without anything in flight. */
  const settle = async (workspaceId: Uuid, group: readonly Waiting[]): Promise<void> => {
    const prepared = await prepare(workspaceId, group);
    if (prepared !== undefined) await land(workspaceId, group, prepared);
  };

  /**
   * One request's failure never fails another's: a group that cannot be decided or stored goes on one by one. Only where
   * the database is out of reach do all of them hear so.
   */
  const fail = async (workspaceId: Uuid, group: readonly Waiting[], error: unknown): Promise<void> => {
    const reason = asProblem(error);
    const [first] = group;
    if (reason instanceof Problem || first === undefined) group.forEach(({ failed }) => failed(reason));
    else if (group.length > 1) for (const waiting of group) await settle(workspaceId, [waiting]);
    else if (isRefusedValue(error)) await settleApart(workspaceId, first);
    else first.failed(reason);
  };

  /** Appends and answers; true where the states are as they were prepared. */
  const land = async (workspaceId: Uuid, group: readonly Waiting[], prepared: Prepared): Promise<boolean> => {
    try {
      const committed = await commitGroup(parts, workspaceId, prepared);
      // After the next group has taken off: PostgreSQL works on that while these answers are written.
      setImmediate(answer, workspaceId, group, committed);
      return committed.asPrepared;
    } catch (error) {
      await fail(workspaceId, group, error);
      return false;
    }
  };

  /** The guilty event of a request gets the verdict, the others land. */
  const settleApart = async (workspaceId: Uuid, waiting: Waiting): Promise<void> => {
    const results: PushResult[] = [];
    let head = 0;
    for (const events of atoms(waiting.request.events)) {
      const request = { ...waiting.request, events };
      try {
        const committed = await commitGroup(parts, workspaceId, await prepareGroup(parts, workspaceId, [request]));
        results.push(...(committed.results[0] ?? []));
        head = committed.head;
        wake.committed(workspaceId, head);
      } catch (error) {
        if (!isRefusedValue(error)) return waiting.failed(asProblem(error));
        results.push(...events.map(({ sentId: id }) => ({ id, status: 'rejected' as const, ...unstorable })));
      }
    }
    waiting.done({ results, head });
  };

  const answer = (workspaceId: Uuid, group: readonly Waiting[], { results, head }: Committed): void => {
    group.forEach(({ done }, index) => done({ results: results[index] ?? [], head }));
    wake.committed(workspaceId, head);
  };

  return { prepare, settle, land };
};

const unstorable = rejection('invalid', 'the database refused a value of this event', [
  { path: 'data', message: 'holds a value that the database refuses' },
]);

/** The smallest parts of a request that may land apart. */
const atoms = (events: readonly Examined[]): Examined[][] => {
  const parts: Examined[][] = [];
  for (const event of events) {
    const last = parts.at(-1);
    if (event.group !== undefined && last?.[0]?.group === event.group) last.push(event);
    else parts.push([event]);
  }
  return parts;
};
