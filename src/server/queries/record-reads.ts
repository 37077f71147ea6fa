import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { Access } from '../access/access.ts';
import type { Principal } from '../access/principal.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import { LISTS, type ListName, type ListSpec } from './list-fields.ts';
import type { RecordPage } from './list-records.ts';
import { listReminders, type ReminderPage, type ReminderQuery } from './list-reminders.ts';
import type { ListRequest } from './list-request.ts';
import { openConflicts, type ConflictPage, type ConflictRequest } from './open-conflicts.ts';
import { recordAsOf } from './record-as-of.ts';
import { listFor, shownHistory, shownRecord } from './personal-data.ts';
import { recordHistory, type HistoryPage } from './record-history.ts';
import { findRecord, headOf } from './stored-record.ts';
import { awaitOwnWrite, waitForPosition } from './wait-for-position.ts';

export interface GetOptions {
  /** A position, a time or a day; undefined: now. */
  readonly asOf?: string | undefined;
  /** Whether a deleted record is answered too. */
  readonly deleted: boolean;
}

/** Reading records. `minPosition` is what the answer must include, 0 for none in particular; waits 5 s at most. */
export interface RecordReads {
  /** From the read model, which follows the log within moments; waits for the user's own last write, a second at most. */
  list(principal: Principal, name: ListName, request: ListRequest, minPosition: number): Promise<RecordPage>;
  /** From the log's own state, so that everyone reads their own writes. Undefined where there is none to be seen. */
  get(principal: Principal, ref: RecordRef, options: GetOptions, minPosition: number): Promise<JsonObject | undefined>;
  /** The open conflicts of the records that the principal sees. */
  conflicts(principal: Principal, request: ConflictRequest, minPosition: number): Promise<ConflictPage>;
  /** Deals that rot and activities that are overdue, of what the principal sees. */
  reminders(principal: Principal, query: ReminderQuery): Promise<ReminderPage>;
  history(
    principal: Principal,
    ref: RecordRef,
    page: HistoryRequest,
    minPosition: number,
  ): Promise<HistoryPage | undefined>;
}

export interface RecordRef {
  readonly name: ListName;
  readonly id: Uuid;
}
export interface HistoryRequest {
  readonly limit: number;
  readonly after?: string | undefined;
}

export interface RecordReadsParts {
  readonly pool: WorkspacePool;
  readonly access: Access;
  /** How far the read models of a workspace have come. */
  readonly positionOf: (workspaceId: Uuid) => Promise<number>;
  readonly writtenBy: (principal: Principal) => number;
}

export const createRecordReads = ({ pool, access, positionOf, writtenBy }: RecordReadsParts): RecordReads => {
  const logAt = async ({ workspaceId }: Principal, position: number): Promise<void> => {
    if (position > 0) await waitForPosition(() => headOf(pool.for(workspaceId), workspaceId), position);
  };
  return {
    list: async (principal, name, request, minPosition) => {
      const reached = () => positionOf(principal.workspaceId);
      if (minPosition > 0) await waitForPosition(reached, minPosition);
      else await awaitOwnWrite(reached, writtenBy(principal));
      const runner = pool.for(principal.workspaceId);
      return access.read(principal, (viewer) => listFor(runner, viewer, LISTS[name], request));
    },
    get: async (principal, { name, id }, { asOf, deleted }, minPosition) => {
      await logAt(principal, minPosition);
      const type = typeOf(name);
      const runner = pool.for(principal.workspaceId);
      const record = await access.read(principal, async (viewer) => {
        const found =
          asOf === undefined
            ? (await findRecord(runner, viewer, type, id))?.record
            : await recordAsOf(runner, viewer, { type, id }, asOf);
        return found && shownRecord(viewer, type, found);
      });
      return record === undefined || (!deleted && typeof record['deletedAt'] === 'string') ? undefined : record;
    },
    conflicts: async (principal, request, minPosition) => {
      await logAt(principal, minPosition);
      const runner = pool.for(principal.workspaceId);
      return access.read(principal, (viewer) => openConflicts(runner, viewer, request));
    },
    reminders: (principal, query) =>
      access.read(principal, (viewer) => listReminders(pool.for(principal.workspaceId), viewer, query)),
    history: async (principal, { name, id }, page, minPosition) => {
      await logAt(principal, minPosition);
      const runner = pool.for(principal.workspaceId);
      const type = typeOf(name);
      return access.read(principal, async (viewer) => {
        const found = await recordHistory(runner, viewer, { type, id }, page);
        return found && shownHistory(viewer, type, found);
      });
    },
  };
};

const typeOf = (name: ListName): ListSpec['stream'] => LISTS[name].stream;
