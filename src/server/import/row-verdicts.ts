import { must } from '../../shared/base/assert.ts';
import type { ProposedEvent } from '../../shared/contract/envelope.ts';
import type { PushResult } from '../../shared/contract/sync.ts';
import type { Rejection } from '../../shared/contract/rejections.ts';
import type { RowVerdict } from './jobs.ts';
import type { ProposedRow } from './propose-rows.ts';
import type { RowReader } from './read-fields.ts';

/** Fields of events → the field of the mapping that their value came from. */
const FIELD_OF: Readonly<Record<string, string>> = {
  amountMinor: 'amount',
  ownerId: 'ownerName',
  teamId: 'teamPath',
  companyId: 'companyName',
  parentId: 'parentName',
  stageId: 'stage',
  about: 'aboutName',
  note: 'body',
};

/** By the event itself and not by its id: a file may hold the same row twice. */
export type RowResults = Map<ProposedEvent, PushResult>;

/** What became of a row, from the results of its events. A row that landed before and adds nothing now is unchanged. */
export const rowVerdict = (row: ProposedRow, results: Readonly<RowResults>, reader: RowReader): RowVerdict => {
  const place = { row: row.row, line: row.line };
  if (!row.proposal.ok) return { ...place, verdict: 'refused', ...row.proposal.error };
  const { stream, helpers, events, existed } = row.proposal.value;
  const own = events.flatMap((event) => results.get(event) ?? []);
  const [first] = own;
  if (own.some((result) => refusalOf(result) !== undefined)) {
    const changed =
      existed && first !== undefined && refusalOf(first)?.fields === undefined && refusalOf(first) !== undefined;
    const named = helpers.flatMap((event) => results.get(event) ?? []);
    const { code, message, fields } = changed ? OTHER_VALUES : explanation([...named, ...own]);
    return { ...place, verdict: 'refused', code, message, ...columnOf(fields?.[0]?.path, reader) };
  }
  if (own.every(({ status }) => status === 'duplicate')) return { ...place, verdict: 'unchanged', stream };
  return { ...place, verdict: first?.status === 'accepted' && first.version === 1 ? 'created' : 'updated', stream };
};

const OTHER_VALUES: Rejection = {
  code: 'id_reuse',
  message: 'An earlier row of this key had other values: change the record itself.',
};

/** Why an event was refused, now or when it was first seen. */
export const refusalOf = (result: PushResult): Rejection | undefined =>
  result.status === 'rejected' || (result.status === 'duplicate' && result.of === 'rejected') ? result : undefined;

/** The refusal that explains the others: one that is not only blocked by another. */
const explanation = (results: readonly PushResult[]): Rejection => {
  const refusals = results.flatMap((result) => refusalOf(result) ?? []);
  return must(refusals.find(({ code }) => code !== 'blocked') ?? refusals[0], 'a refused row has a refusal');
};

const columnOf = (path: string | undefined, reader: RowReader): { column?: string } => {
  const parts = path?.split('.') ?? [];
  if (parts[0] !== 'data' || parts[1] === undefined) return {};
  const field = parts[1] === 'customFields' && parts[2] !== undefined ? `customFields.${parts[2]}` : parts[1];
  const column = reader.columnOf(field) ?? reader.columnOf(FIELD_OF[field] ?? field);
  return column === undefined ? {} : { column };
};
