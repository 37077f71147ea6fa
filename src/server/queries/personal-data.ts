import type { JsonObject } from '../../shared/base/json.ts';
import { definitionOf, eventTypesOf } from '../../shared/contract/events/registry.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import type { Viewer } from '../access/access.ts';
import type { ListSpec } from './list-fields.ts';
import { listRecords, type RecordPage } from './list-records.ts';
import type { ListRequest } from './list-request.ts';
import type { HistoryPage } from './record-history.ts';
import type { Runner } from './sql.ts';

/** Streams about people. What was noted in activities is about them, too. */
const ABOUT_PEOPLE: ReadonlySet<StreamType> = new Set(['lead', 'contact', 'activity']);

/** The fields that events of the stream mark as personal; conflicts repeat whole events. */
const personalFields = (stream: StreamType): ReadonlySet<string> =>
  new Set(['conflicts', ...eventTypesOf(stream).flatMap((type) => definitionOf(type).personal)]);

const hides = ({ rights }: Viewer, stream: StreamType): boolean => !rights.personal && ABOUT_PEOPLE.has(stream);

/** The record without the personal data that the viewer may not see: those fields are null. */
export const shownRecord = (viewer: Viewer, stream: StreamType, record: JsonObject): JsonObject => {
  if (!hides(viewer, stream)) return record;
  const hidden = personalFields(stream);
  return Object.fromEntries(Object.entries(record).map(([field, value]) => [field, hidden.has(field) ? null : value]));
};

/** The same of what changed: that it did is told, not how. */
export const shownHistory = (viewer: Viewer, stream: StreamType, page: HistoryPage): HistoryPage => {
  if (!hides(viewer, stream)) return page;
  const hidden = personalFields(stream);
  const isHidden = (field: string): boolean => hidden.has(field) || hidden.has(field.replace(/[.].*/, ''));
  // What conflicts are about repeats whole events.
  const items = page.items.map(({ conflict: _, resolution: __, ...entry }) => ({
    ...entry,
    data: Object.fromEntries(Object.entries(entry.data).map(([key, value]) => [key, isHidden(key) ? null : value])),
    changes: entry.changes.map((change) => (isHidden(change.field) ? { ...change, old: null, new: null } : change)),
  }));
  return { ...page, items };
};

/** A page of a list; whoever may not see names may not search and sort by them either. */
export const listFor = async (
  runner: Runner,
  viewer: Viewer,
  spec: ListSpec,
  request: ListRequest,
): Promise<RecordPage> => {
  if (!hides(viewer, spec.stream)) return listRecords(runner, viewer, spec, request);
  const sort = request.sort.replace(/^-/, '');
  if (request.q !== undefined || personalFields(spec.stream).has(sort)) {
    throw new Problem('forbidden', 'Analysts see no personal data, so they cannot search or sort by it.');
  }
  const { items, next } = await listRecords(runner, viewer, spec, request);
  const shown = (text: string): string =>
    JSON.stringify(shownRecord(viewer, spec.stream, JSON.parse(text) as JsonObject));
  return { items: items.map(shown), next };
};
