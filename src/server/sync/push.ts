import { clockDevice } from '../../shared/base/hybrid-clock.ts';
import type { Uuid } from '../../shared/base/ids.ts';
import type { Access } from '../access/access.ts';
import type { Principal } from '../access/principal.ts';
import { firstPipeline } from '../log/first-pipeline.ts';
import type { Wake } from '../log/wake.ts';
import { senderAt, type Guard } from './decide-event.ts';
import { examine, isWellFormed, type Examined } from './examine.ts';
import { createGroupCommit } from './group-commit.ts';
import { createHotStreams } from './hot-streams.ts';
import { createOwnWrites } from './own-writes.ts';
import { refuseTaken } from './refuse-taken.ts';
import type { Pushed } from './waiting-requests.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';

/** Devices of a request, besides the session's own, whose registration is looked up; events of any further one are refused. */
const DEVICES_MAX = 16;

export interface PushParts {
  readonly pool: WorkspacePool;
  readonly wake: Wake;
  readonly access: Access;
  readonly contentKey: Buffer;
  /** Whether the device is registered to the principal's user. */
  readonly ownsDevice: (principal: Principal, deviceId: Uuid) => Promise<boolean>;
}

export interface PushOptions {
  readonly bulk?: boolean;
  readonly guard?: Guard | undefined;
  /** The events are made on what is there when they are decided, whatever `basedOn` says: REST writes are. */
  readonly onPresent?: boolean;
}

export interface Push {
  /** The one way into the log: phones, REST writes and imports. Throws a Problem only where no event was taken. */
  readonly events: (principal: Principal, events: readonly unknown[], options?: PushOptions) => Promise<Pushed>;
}

/** A way that ends in the log; a rehearsal's does not. */
export interface LogPush extends Push {
  /** The newest position that the principal's user wrote through this server, imports apart; 0 for none. */
  readonly writtenBy: (principal: Principal) => number;
}

export const createPush = (parts: PushParts): LogPush => {
  const commits = createGroupCommit({ pool: parts.pool, hot: createHotStreams(), access: parts.access }, parts.wake);
  const pipelines = new Map<Uuid, Uuid>();
  const own = createOwnWrites();
  const contentKey = parts.contentKey.toString('hex');

  const defaultPipeline = async (workspaceId: Uuid, events: readonly Examined[]): Promise<Uuid | undefined> => {
    if (!events.some(needsPipeline)) return undefined;
    const pipeline = pipelines.get(workspaceId) ?? (await firstPipeline(parts.pool, workspaceId));
    if (pipeline !== undefined) pipelines.set(workspaceId, pipeline);
    return pipeline;
  };

  return {
    events: async (principal, raw, options) => {
      const examined = await refuseTaken(
        parts.pool,
        principal,
        raw.map((event) => examine(event, contentKey)),
      );
      const [devices, defaultPipelineId] = await Promise.all([
        ownDevices(parts, principal, examined),
        defaultPipeline(principal.workspaceId, examined),
      ]);
      const sender = senderAt(Date.now(), {
        principal,
        devices,
        defaultPipelineId,
        guard: options?.guard,
        onPresent: options?.onPresent === true,
      });
      const bulk = options?.bulk === true;
      const pushed = await commits.enqueue(principal.workspaceId, { sender, events: examined }, bulk);
      if (!bulk) own.note(principal.userId, pushed.results);
      return pushed;
    },
    writtenBy: ({ userId }) => own.newestOf(userId),
  };
};

const needsPipeline = ({ event }: Examined): boolean =>
  isWellFormed(event) && event.type === 'DealCreated' && event.data['pipelineId'] === undefined;

/** Of the devices that the events name, those of the principal's user. */
const ownDevices = async (parts: PushParts, principal: Principal, events: readonly Examined[]): Promise<Set<Uuid>> => {
  const devices = new Set([principal.deviceId]);
  const foreign = new Set<Uuid>();
  for (const { event } of events) {
    if (!isWellFormed(event)) continue;
    const device = clockDevice(event.proposed.at);
    if (!devices.has(device)) foreign.add(device);
  }
  for (const device of [...foreign].slice(0, DEVICES_MAX))
    if (await parts.ownsDevice(principal, device)) devices.add(device);
  return devices;
};
