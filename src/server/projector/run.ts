import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Projection } from '../../../projections/projection.ts';
import { projections as allProjections } from '../../../projections/registry.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Database } from '../database/pool.ts';
import type { Wake } from '../log/wake.ts';
import { buildMissing } from './build-missing.ts';
import { THREADS } from './fold-ranges.ts';
import { followViews } from './follow-views.ts';
import { fleetOf, keepLeases, type LeaseKeeper } from './leases.ts';
import { retryParked } from './parked-streams.ts';
import { LeaseLost, projectBatch } from './project-batch.ts';
import { laggingWorkspaces } from './progress.ts';
import { createWorkspaceQueue } from './workspace-queue.ts';

/** The part of a pino logger that the projector uses. */
export interface ProjectorLog {
  readonly info: (details: object, message: string) => void;
  readonly warn: (details: object, message: string) => void;
  readonly error: (details: object, message: string) => void;
}

export interface ProjectorParts {
  readonly database: Pick<Database, 'projector'>;
  readonly wake: Pick<Wake, 'subscribe'>;
  readonly log: ProjectorLog;
  /** All of the registry where left out. */
  readonly projections?: readonly Projection[];
}

export interface Projector {
  /** Resolves when everything recorded before the call is projected, or held by another node. */
  readonly idle: () => Promise<void>;
  /** Ends after the batches in flight; others may take over at once. */
  readonly stop: () => Promise<void>;
}

/** How late a node notices what no wake told it: another node's death, a hint that was lost. */
const POLL_MS = 1000;
/**
 * After a small batch, events gather for a moment: a batch costs as much as a hundred events, and under load the server
 * needs that for taking events in. The first event after a pause waits for nothing, the lag grows by no more than this.
 */
const SMALL_BATCH = 1500;
const GATHER_MS = 120;
const RETRY_PARKED_MS = 10 * 60_000;

interface Runner {
  readonly pool: Pool;
  readonly log: ProjectorLog;
  readonly projections: readonly Projection[];
  readonly leases: LeaseKeeper;
  readonly stopping: AbortSignal;
}

/** Projects a workspace until the end of its log, or until somebody else holds it. */
const projectWorkspace = async (
  { pool, log, projections, leases, stopping }: Runner,
  workspaceId: Uuid,
): Promise<void> => {
  while (!stopping.aborted) {
    const lease = await leases.hold(workspaceId);
    if (lease === undefined) return;
    const { events, parked } = await projectBatch(pool, lease, projections);
    for (const poison of parked) log.error({ workspaceId, ...poison }, 'a projection parked a stream');
    if (events === 0) return;
    if (events < SMALL_BATCH) await delay(GATHER_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
};

/**
 * Keeps the read models up with the log, together with any number of other nodes: each workspace is one node's at a time.
 * Builds what is missing first. A workspace that fails is tried again at the next poll; the others go on.
 */
export const startProjector = async (parts: ProjectorParts): Promise<Projector> => {
  const { database, wake, log, projections = allProjections } = parts;
  const pool = database.projector;
  await buildMissing(pool, projections, {
    threads: parts.projections === undefined ? THREADS : 0,
    onBuild: (missing) => {
      const named = missing.map(({ name, version }) => `${name} ${version}`);
      log.info({ projections: named }, 'building read models of a new version; those before them serve');
    },
  });
  const stopping = new AbortController();
  const leases = keepLeases(pool, { holder: randomUUID(), fleet: fleetOf(projections) });
  const runner: Runner = { pool, log, projections, leases, stopping: stopping.signal };
  const queue = createWorkspaceQueue({
    work: (workspaceId) => projectWorkspace(runner, workspaceId),
    onError: (workspaceId, error) => {
      leases.forget(workspaceId);
      // Servers of another version project some of the same: where they were faster, it goes on from there.
      if (error instanceof LeaseLost) queue.notice(workspaceId);
      else log.error({ err: error, workspaceId }, 'projecting a workspace failed');
    },
    stopping: stopping.signal,
  });
  const poll = inTurn(async () => {
    if (stopping.signal.aborted) return;
    for (const workspaceId of await laggingWorkspaces(pool, projections)) queue.notice(workspaceId);
  }, log);
  const retry = inTurn(async () => {
    if (stopping.signal.aborted) return;
    const { freed, parked } = await retryParked(pool, projections);
    if (freed + parked > 0) log.info({ freed, parked }, 'folded parked streams anew');
  }, log);

  const unsubscribe = wake.subscribe(queue.notice);
  const timers = [setInterval(() => void poll(), POLL_MS), setInterval(() => void retry(), RETRY_PARKED_MS)];
  const follow = inTurn(async () => {
    await queue.settled();
    if (!stopping.signal.aborted) await followViews(pool, projections);
  }, log);
  void retry();
  const caughtUp = poll().then(follow);

  return {
    idle: async () => {
      await caughtUp;
      await poll();
      await queue.settled();
    },
    stop: async () => {
      stopping.abort();
      unsubscribe();
      for (const timer of timers) clearInterval(timer);
      await Promise.all([retry(), poll(), queue.settled(), caughtUp]);
      await inTurn(leases.release, log)();
    },
  };
};

/** Calls that come while one is under way wait for it; a failure is a line in the log and the next call's to mend. */
const inTurn = (work: () => Promise<void>, log: ProjectorLog): (() => Promise<void>) => {
  let last = Promise.resolve();
  const run = async (): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log.warn({ err: error }, 'the projector could not reach the database; it tries again');
    }
  };
  return () => (last = last.then(run));
};
