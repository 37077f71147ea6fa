import { must } from '../../shared/base/assert.ts';
import { canonicalJson } from '../../shared/base/canonical-json.ts';
import { formatClock } from '../../shared/base/hybrid-clock.ts';
import { SERVER_DEVICE, type Uuid } from '../../shared/base/ids.ts';
import { err, ok, type Result } from '../../shared/base/result.ts';
import type { ProposedEvent, StreamRef } from '../../shared/contract/envelope.ts';
import { definitionOf } from '../../shared/contract/events/registry.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import type { CsvRow, RowProblem } from './csv-rows.ts';
import type { DealTarget } from './deal-target.ts';
import { derivedId } from '../access/derived-id.ts';
import type { Directory, HelperEvent } from './directory.ts';
import { creationTimes, eventTimes } from './known-events.ts';
import { planActivity } from './plan-activity.ts';
import { planCompany } from './plan-company.ts';
import { planDeal } from './plan-deal.ts';
import { planContact, planLead } from './plan-people.ts';
import type { Fields, RowReader } from './read-fields.ts';
import { refuse, type Planner, type RowContext, type RowPlan } from './row-plan.ts';
import { STREAM_OF, type ImportType } from './targets.ts';

/** A row as events: those that make what it names, and its own, which land together or not at all. */
export interface ProposedRow {
  readonly row: number;
  readonly line: number;
  readonly proposal: Result<Proposal, RowProblem>;
}
export interface Proposal {
  readonly stream: StreamRef;
  readonly helpers: readonly ProposedEvent[];
  readonly events: readonly ProposedEvent[];
  /** The record of this row was made before, so that a creation that is refused has other content. */
  readonly existed: boolean;
}

/** All that the rows of an import have in common. */
export interface RowParts {
  readonly pool: WorkspacePool;
  readonly workspaceId: Uuid;
  readonly type: ImportType;
  readonly source: string;
  readonly reader: RowReader;
  readonly directory: Directory;
  readonly deals: DealTarget | undefined;
  readonly currency: string;
  /** When the import began: the time of what has none. */
  readonly startedMs: number;
  /** Records of the rows so far; a dry run cannot ask the log. */
  readonly seen: Set<Uuid>;
}

const PLANNERS: Readonly<Record<ImportType, Planner>> = {
  leads: planLead,
  contacts: planContact,
  companies: planCompany,
  deals: planDeal,
  activities: planActivity,
};

type ReadRow = Result<{ readonly fields: Fields; readonly recordId: Uuid }, RowProblem>;

/**
 * Turns rows into events whose ids follow from the workspace, the source, the row's key and the event's content: the same
 * row read again names the same events, and the log answers that it has them; a row that was corrected names new ones.
 */
export const proposeRows = async (parts: RowParts, rows: readonly CsvRow[]): Promise<ProposedRow[]> => {
  const read = rows.map((row) => readRow(parts, row));
  const recordIds = read.flatMap((each) => (each.ok ? each.value.recordId : []));
  const created = await creationTimes(parts.pool, parts.workspaceId, recordIds);
  const planned = read.map((each) => (each.ok ? planRow(parts, each.value, created) : each));
  const unknown = planned.flatMap((each) => (each.ok && !each.value.timed ? eventIds(each.value) : []));
  const times = await eventTimes(parts.pool, parts.workspaceId, unknown);
  return planned.map((each, index): ProposedRow => {
    const { row, line } = rows[index] as CsvRow;
    return { row, line, proposal: each.ok ? ok(proposalOf(parts, each.value, times)) : each };
  });
};

const readRow = (parts: RowParts, { cells }: CsvRow): ReadRow => {
  if (!cells.ok) return cells;
  const fields = parts.reader.fields(cells.value);
  if (!fields.ok) return fields;
  const key = parts.reader.key(cells.value);
  if (!key.ok) return key;
  const recordId = derivedId(parts.workspaceId, 'import', parts.type, parts.source, key.value);
  return ok({ fields: fields.value, recordId });
};

interface PlannedRow extends RowPlan {
  readonly recordId: Uuid;
  readonly helpers: readonly HelperEvent[];
  readonly existed: boolean;
  /** Whether the time of its events is settled: by the row, or by the record's creation. Else it is the import's. */
  readonly timed: boolean;
}

const planRow = (
  parts: RowParts,
  { fields, recordId }: Extract<ReadRow, { ok: true }>['value'],
  created: ReadonlyMap<Uuid, number>,
): Result<PlannedRow, RowProblem> => {
  const given = fields['createdAt'];
  const settled = typeof given === 'number' ? given : created.get(recordId);
  const existed = created.has(recordId) || parts.seen.has(recordId);
  const { reader, directory, deals, currency } = parts;
  const now = Date.now();
  const time = settled ?? parts.startedMs;
  const context: RowContext = { directory, reader, recordId, madeBefore: existed, time, currency, deals, now };
  if (time > now) return refuse(context, 'createdAt', 'The date is in the future.');
  const plan = PLANNERS[parts.type](fields, context);
  // What a refused row named is not made for it alone.
  const helpers = directory.takeHelpers();
  if (!plan.ok) {
    for (const helper of helpers) directory.forget(helper.stream.id);
    return err(plan.error);
  }
  if (plan.value.streamId === recordId) parts.seen.add(recordId);
  // What makes a new record may have any id; only what is added to another record must be found again.
  const timed = settled !== undefined || plan.value.streamId === recordId;
  return ok({ ...plan.value, recordId, helpers, existed, timed });
};

/** Without a settled time it is no part of the id, so that the event is found again whenever it was made. */
const eventIds = ({ recordId, events, timed }: PlannedRow): Uuid[] =>
  events.map(({ label, data, time }) => derivedId(recordId, label, canonicalJson(data), timed ? String(time) : ''));

const proposalOf = (parts: RowParts, row: PlannedRow, times: ReadonlyMap<Uuid, number>): Proposal => {
  const stream: StreamRef = { type: STREAM_OF[parts.type], id: row.streamId };
  const ids = eventIds(row);
  const group = derivedId(row.recordId, 'group');
  const events = row.events.map(({ type, data, time }, counter): ProposedEvent => {
    const id = must(ids[counter], 'an id for every event');
    const at = formatClock({ time: times.get(id) ?? time, counter, device: SERVER_DEVICE });
    return { id, type, schemaVersion: definitionOf(type).schemaVersion, stream, basedOn: 0, at, group, data };
  });
  const helpers = row.helpers.map((helper) => helperEvent(helper, parts.startedMs));
  return { stream, helpers, events, existed: row.existed && row.streamId === row.recordId };
};

/** The creation of what a name stands for, as an event. */
export const helperEvent = (
  {
    stream,
    type,
    data,
  }: Pick<HelperEvent, 'stream' | 'data'> & { readonly type: HelperEvent['type'] | 'PipelineCreated' },
  time: number,
): ProposedEvent => ({
  // Another time, another id: what was refused then may be right now.
  id: derivedId(stream.id, 'created', String(time)),
  type,
  schemaVersion: definitionOf(type).schemaVersion,
  stream,
  basedOn: 0,
  at: formatClock({ time, counter: 0, device: SERVER_DEVICE }),
  data,
});
