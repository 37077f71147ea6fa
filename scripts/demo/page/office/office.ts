import { v7 as uuidv7 } from 'uuid';
import { formatClock } from '../../../../src/shared/base/hybrid-clock.ts';
import type { Uuid } from '../../../../src/shared/base/ids.ts';
import type { WorkspaceState } from '../../../../src/shared/contract/events/workspace.ts';
import type { Person } from '../../world.ts';
import type { LogPage } from './log-entry.ts';
import { openOffice } from './office-session.ts';
import { tailLog, type LogTail } from './tail-log.ts';

type Sharing = WorkspaceState['sharing'];

/** What the administrator of the demo sees and does. */
export interface Office {
  readonly person: Person;
  readonly log: LogTail;
  readonly addStage: (pipelineId: Uuid, name: string) => Promise<void>;
  readonly archiveStage: (pipelineId: Uuid, stageId: Uuid) => Promise<void>;
  /** Who sees whose records: everyone everything, or each person the own ones. */
  readonly changeSharing: (sharing: Sharing) => Promise<void>;
}

export const openOfficeOf = async (person: Person, workspaceId: Uuid): Promise<Office> => {
  const session = await openOffice(person);
  const { call, deviceId } = session;
  const log = tailLog(session);
  await log.pull();

  const push = async (type: string, stream: { type: string; id: Uuid }, data: object): Promise<void> => {
    const version = log.entries.get().findLast((entry) => entry.stream.id === stream.id)?.version ?? 0;
    const at = formatClock({ time: Date.now(), counter: 0, device: deviceId });
    const event = { id: uuidv7(), type, schemaVersion: 1, stream, basedOn: version, at, data };
    const { results } = await call<LogPage>('POST', '/api/sync', { protocol: 1, events: [event] });
    const [result] = results ?? [];
    if (result?.status === 'rejected') throw new Error(`the server refused: ${result.message ?? type}`);
    await log.pull();
  };
  return {
    person,
    log,
    addStage: (id, name) =>
      push('StageAdded', { type: 'pipeline', id }, { stageId: uuidv7(), name, kind: 'open', probabilityBp: 6000 }),
    archiveStage: (id, stageId) => push('StageArchived', { type: 'pipeline', id }, { stageId }),
    changeSharing: (sharing) => push('WorkspaceSettingsChanged', { type: 'workspace', id: workspaceId }, { sharing }),
  };
};
