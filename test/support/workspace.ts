import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { formatClock } from '../../src/shared/base/hybrid-clock.ts';
import { SERVER_DEVICE, type Uuid } from '../../src/shared/base/ids.ts';
import type { JsonObject } from '../../src/shared/base/json.ts';
import type { ProposedEvent } from '../../src/shared/contract/envelope.ts';
import { definitionOf, type EventType } from '../../src/shared/contract/events/registry.ts';
import type { PushResult } from '../../src/shared/contract/sync.ts';
import { defaultPipeline } from '../../src/shared/domain/default-pipeline.ts';
import { createAccess } from '../../src/server/access/access.ts';
import type { Principal } from '../../src/server/access/principal.ts';
import type { Database } from '../../src/server/database/pool.ts';
import { openWorkspace } from '../../src/server/log/open-workspace.ts';
import type { Wake } from '../../src/server/log/wake.ts';
import { createPush, type Push } from '../../src/server/sync/push.ts';

/** A hint that nobody waits for. */
export const quietWake: Wake = { committed: () => {}, subscribe: () => () => {}, close: async () => {} };

export const contentKey = randomBytes(32);
export const cursorKey = randomBytes(32);

/** A push of its own, as a second server would have; every device counts as the user's own. */
export const newPush = (pool: Database['app'], wake: Wake = quietWake): Push =>
  createPush({ pool, wake, access: createAccess(pool), contentKey, ownsDevice: async () => true });

export interface Bench {
  readonly principal: Principal;
  readonly push: Push;
  readonly pipelineId: Uuid;
  /** By name. */
  readonly stages: Readonly<Record<string, Uuid>>;
}

/** A workspace with its first admin and the default pipeline: positions 1 to 4. */
export const foundWorkspace = async (database: Database, push: Push = newPush(database.log)): Promise<Bench> => {
  const principal: Principal = { workspaceId: uuidv7(), userId: uuidv7(), deviceId: uuidv7(), role: 'admin' };
  await openWorkspace(database.app, principal.workspaceId);
  const pipelineId = uuidv7();
  const pipeline = defaultPipeline(() => uuidv7());
  // As a sign-up makes it: by the server, in the name of its first admin.
  const server = { ...principal, deviceId: SERVER_DEVICE };
  const events = [
    proposed(server, 'WorkspaceCreated', principal.workspaceId, { name: 'Acme' }),
    proposed(server, 'UserInvited', principal.userId, { name: 'Ada', email: 'ada@example.com', role: 'admin' }),
    proposed(server, 'UserActivated', principal.userId, {}),
    proposed(server, 'PipelineCreated', pipelineId, pipeline as unknown as JsonObject),
  ];
  const { results } = await push.events(server, events);
  const refused = results.filter((result) => result.status !== 'accepted');
  if (refused.length > 0) throw new Error(`the workspace was not founded: ${JSON.stringify(refused)}`);
  const stages = Object.fromEntries(pipeline.stages.map((stage) => [stage.name, stage.id]));
  return { principal, push, pipelineId, stages };
};

let last = 0;
/** Milliseconds since the epoch, each later than the one before. */
const nextTime = (): number => (last = Math.max(last + 1, Date.now()));

/** An event as a phone of the principal would send it now. */
export const proposed = (
  principal: Pick<Principal, 'deviceId'>,
  type: EventType,
  streamId: Uuid,
  data: JsonObject,
): ProposedEvent => ({
  id: uuidv7(),
  type,
  schemaVersion: 1,
  stream: { type: definitionOf(type).stream, id: streamId },
  basedOn: 0,
  at: formatClock({ time: nextTime(), counter: 0, device: principal.deviceId }),
  data,
});

/** The clock of a device at a time, for tests about who wins. */
export const clockAt = (iso: string, device: Uuid, counter = 0): string =>
  formatClock({ time: Date.parse(iso), counter, device });

export const statuses = (results: readonly PushResult[]): string[] =>
  results.map((result) => (result.status === 'rejected' ? result.code : result.status));
