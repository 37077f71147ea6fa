import type { Uuid } from '../../shared/base/ids.ts';
import { must } from '../../shared/base/assert.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { EventType } from '../../shared/contract/events/registry.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import type { Principal } from '../access/principal.ts';
import { readPast } from '../log/stream-events.ts';
import { closedFromStage } from '../queries/closed-from-stage.ts';
import type { StoredRecord } from '../queries/stored-record.ts';
import { RESOURCES, type ResourceName, type ResourceSpec } from './changes.ts';
import { convertLead, type Conversion, type ConvertBody } from './convert-lead.ts';
import { reopening } from './deal-outcomes.ts';
import { changedFields, pick, type EventDraft, type Fields } from '../../shared/domain/changes/event-draft.ts';
import type { RequestKey } from './request-key.ts';
import { recordOfConflict, resolveConflict } from './resolve-conflict.ts';
import { revertDrafts, type Revertible } from './revert-record.ts';
import { shareEnding, sharing, type ShareBody } from './shares.ts';
import { versionConflict, type Found } from './version-conflict.ts';
import { visibleRecord, writtenRecord, type RecordParts } from './visible-record.ts';
import { writeEvents, type StreamDraft, type Written } from './write-events.ts';

/** A record after a write. */
export interface Saved {
  readonly id: Uuid;
  readonly record: JsonObject;
  readonly version: number;
  /** Of the write's newest event, or of the record's where nothing had to change. */
  readonly position: number;
}

/** A record that was shared, and the share's id. */
export interface Shared extends Saved {
  readonly shareId: Uuid;
}

export interface WriteOptions {
  /** The version in `If-Match`. */
  readonly seen?: number | undefined;
  readonly key?: RequestKey | undefined;
}

export interface Target {
  readonly name: ResourceName;
  readonly id: Uuid;
}

interface RevertTarget extends Target {
  readonly name: Revertible;
}

/** REST writes. All become events through the path that phones use, one group each; refusals are thrown as Problems. */
export interface RecordWrites {
  create(principal: Principal, name: ResourceName, body: Fields, options: WriteOptions): Promise<Saved>;
  patch(principal: Principal, target: Target, body: Fields, options: WriteOptions): Promise<Saved>;
  /** Deleting what is deleted, and restoring what is not, changes nothing. */
  remove(principal: Principal, target: Target, reason: string | undefined, options: WriteOptions): Promise<Saved>;
  restore(principal: Principal, target: Target, reason: string | undefined, options: WriteOptions): Promise<Saved>;
  /** Wins, loses or reopens a deal. */
  moveDeal(principal: Principal, id: Uuid, draft: EventDraft, options: WriteOptions): Promise<Saved>;
  /** Brings a record back to what it was after a version, by new events. */
  revert(principal: Principal, target: RevertTarget, version: number, options: WriteOptions): Promise<Saved>;
  /** Settles a conflict; the answer is the record that it is about. */
  resolve(principal: Principal, conflictId: Uuid, choice: JsonObject, options: WriteOptions): Promise<Saved>;
  convert(principal: Principal, leadId: Uuid, body: ConvertBody, options: WriteOptions): Promise<Conversion>;
  share(principal: Principal, target: Target, share: ShareBody, options: WriteOptions): Promise<Shared>;
  /** Ending what is ended changes nothing. */
  endShare(principal: Principal, target: Target, shareId: Uuid, options: WriteOptions): Promise<Saved>;
}

/** The record to write to; a deleted one is there, too. */
export const recordToWrite = async (
  parts: RecordParts,
  principal: Principal,
  { name, id }: Target,
): Promise<StoredRecord> => {
  const { stream, word } = RESOURCES[name];
  const record = await visibleRecord(parts, principal, stream, id);
  if (record === undefined) throw new Problem('not_found', `There is no such ${word}.`);
  return record;
};

export const isDeleted = ({ state }: StoredRecord): boolean => typeof state['deletedAt'] === 'string';

const forRecord = (record: StoredRecord, drafts: readonly EventDraft[], seen = record.version): StreamDraft[] =>
  drafts.map((draft) => ({ ...draft, id: record.id, streamType: record.type, basedOn: seen, clocks: record.clocks }));

type Drafting = (record: StoredRecord) => readonly EventDraft[] | Promise<readonly EventDraft[]>;

type Write = (principal: Principal, target: Target, drafting: Drafting, options: WriteOptions) => Promise<Saved>;

const shareWrites = (write: Write, newId: () => Uuid): Pick<RecordWrites, 'share' | 'endShare'> => ({
  share: async (principal, target, { shareId = newId(), ...body }, options) => {
    const draft = sharing({ shareId, ...body });
    return { ...(await write(principal, target, () => [draft], options)), shareId };
  },
  endShare: (principal, target, shareId, options) =>
    write(principal, target, ({ state }) => shareEnding(state, shareId), options),
});

export const createRecordWrites = (parts: RecordParts): RecordWrites => {
  const saved = async (principal: Principal, target: Target, { position }: Written): Promise<Saved> => {
    const { stream, word } = RESOURCES[target.name];
    const found = await writtenRecord(parts, principal, stream, target.id);
    if (found === undefined) throw new Problem('not_found', `There is no such ${word}.`);
    return {
      id: found.id,
      record: found.record,
      version: found.version,
      position: position === 0 ? found.position : position,
    };
  };

  const write = async (
    principal: Principal,
    target: Target,
    drafting: Drafting,
    options: WriteOptions,
  ): Promise<Saved> => {
    const { seen, key } = options;
    const drafts = async (): Promise<StreamDraft[]> => {
      const record = await recordToWrite(parts, principal, target);
      return forRecord(record, await drafting(record), seen);
    };
    const conflict =
      seen === undefined
        ? undefined
        : (found: Found, events: readonly EventDraft[]) => versionConflict(found, events, seen);
    return saved(principal, target, await writeEvents(parts, principal, drafts, { key, conflict }));
  };

  return {
    create: async (principal, name, { id: ownId, ...body }, { key }) => {
      const spec: ResourceSpec = RESOURCES[name];
      const drafts = async (): Promise<StreamDraft[]> => {
        const id = (ownId as Uuid | undefined) ?? parts.newId();
        if (ownId !== undefined) await refuseTaken(parts, principal, id);
        return [{ ...spec.create(body, parts.newId), id }];
      };
      const written = await writeEvents(parts, principal, drafts, { key });
      return saved(principal, { name, id: written.streams[0]?.id ?? '' }, written);
    },
    patch: (principal, target, body, options) =>
      write(principal, target, (record) => patchDrafts(RESOURCES[target.name], record, body, parts.newId), options),
    remove: (principal, target, reason, options) => {
      const draft = { type: typeIn(target.name, 'deleted'), data: pick({ reason }, ['reason']) };
      return write(principal, target, (record) => (isDeleted(record) ? [] : [draft]), options);
    },
    restore: (principal, target, reason, options) => {
      const draft = { type: typeIn(target.name, 'restored'), data: pick({ reason }, ['reason']) };
      return write(principal, target, (record) => (isDeleted(record) ? [draft] : []), options);
    },
    moveDeal: (principal, id, draft, options) =>
      write(
        principal,
        { name: 'deals', id },
        async (record) => [await reopening(parts, principal, record, draft)],
        options,
      ),
    revert: (principal, target, version, options) =>
      write(principal, target, (record) => reverted(parts, principal, { record, target, version }), options),
    resolve: async (principal, conflictId, data, options) => {
      const written = await resolveConflict(parts, principal, { conflictId, data }, options);
      const { id, type } = await recordOfConflict(parts, principal, conflictId);
      return saved(principal, { name: nameOf(type), id }, written);
    },
    ...shareWrites(write, parts.newId),
    convert: (principal, leadId, body, { key }) => convertLead(parts, principal, { leadId, body }, key),
  };
};

const nameOf = (type: StreamType): ResourceName => {
  const name = (Object.keys(RESOURCES) as ResourceName[]).find((candidate) => RESOURCES[candidate].stream === type);
  return must(name, 'conflicts are about records');
};

interface Reverting {
  readonly record: StoredRecord;
  readonly target: RevertTarget;
  readonly version: number;
}

const reverted = async (
  { pool }: RecordParts,
  { workspaceId }: Principal,
  { record, target: { name, id }, version }: Reverting,
): Promise<EventDraft[]> => {
  const target = await readPast(pool.for(workspaceId), workspaceId, { type: RESOURCES[name].stream, id }, version);
  if (target === undefined) {
    throw new Problem('invalid_request', `This ${RESOURCES[name].word} has versions 1 to ${record.version}.`, {
      errors: [{ path: 'version', message: `must be 1 to ${record.version}` }],
    });
  }
  const openStageId =
    name === 'deals' ? ((await closedFromStage(pool.for(workspaceId), workspaceId, id)) ?? null) : null;
  return revertDrafts({ name, state: record.state, target, openStageId });
};

const typeIn = (name: ResourceName, which: 'deleted' | 'restored'): EventType => {
  const spec: ResourceSpec = RESOURCES[name];
  const type = spec[which];
  if (type === undefined) throw new Problem('method_not_allowed', `A ${spec.word} cannot be ${which}.`);
  return type;
};

const patchDrafts = (
  spec: ResourceSpec,
  record: StoredRecord,
  body: Fields,
  newId: () => Uuid,
): readonly EventDraft[] => {
  if (isDeleted(record)) throw new Problem('archived', `This ${spec.word} is deleted.`);
  if (spec.change === undefined) throw new Problem('method_not_allowed', `A ${spec.word} cannot be changed.`);
  return spec.change(changedFields(body, record.state), record.state, body, newId);
};

const refuseTaken = async ({ pool }: RecordParts, { workspaceId }: Principal, id: Uuid): Promise<void> => {
  const { rowCount } = await pool
    .for(workspaceId)
    .query('select from stream where workspace_id = $1 and stream_id = $2', [workspaceId, id]);
  if (rowCount !== 0) {
    throw new Problem('already_exists', 'There is a record with this id already.', {
      errors: [{ path: 'id', message: 'is taken' }],
    });
  }
};
