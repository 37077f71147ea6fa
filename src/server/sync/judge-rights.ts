import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { conflictsOf } from '../../shared/contract/conflicts.ts';
import { rejection, type Rejection } from '../../shared/contract/rejections.ts';
import { scopeOf } from '../../shared/domain/scope.ts';
import { isSharing } from '../../shared/domain/sharing.ts';
import { mayChange, type Rights } from '../access/rights.ts';
import { includes, type Place } from '../access/rules.ts';
import type { StreamSnapshot } from '../log/read-streams.ts';
import type { JudgedSender } from './decide-event.ts';
import { readPastPair, readSnapshot, type Draft } from './draft.ts';
import type { WellFormed } from './examine.ts';

/** An activity that was written down offline is judged by the record as its author saw it, so far back. */
const PAST_MS_MAX = 14 * 24 * 60 * 60 * 1000;

/** Where a stream stands; undefined while its root is not loaded. */
const placeOf = (draft: Draft, snapshot: StreamSnapshot): Place | undefined => {
  const root = snapshot.root === snapshot.id ? snapshot : readSnapshot(draft, snapshot.root);
  if (root === undefined) return undefined;
  const pair = scopeOf(root.type, root.state);
  return { rootId: root.id, pair: pair === 'shared' ? null : pair };
};

/** Whether the sender sees a stream. */
export const isSeen = (draft: Draft, { rights }: JudgedSender, snapshot: StreamSnapshot | undefined): boolean => {
  if (snapshot === undefined) return false;
  if (rights.sees.everything) return true;
  const place = placeOf(draft, snapshot);
  return place !== undefined && includes(rights.sees, place);
};

interface Referring {
  readonly event: WellFormed;
  readonly snapshot: StreamSnapshot;
}

/** Whether the event may refer to a stream: the sender sees it, or did when the activity about it was written down. */
export const isReferable = (draft: Draft, sender: JudgedSender, { event, snapshot }: Referring): boolean => {
  if (isSeen(draft, sender, snapshot)) return true;
  const past = pastPlace(draft, sender, event);
  return past !== undefined && past.rootId === snapshot.id && includes(sender.rights.sees, past);
};

interface About {
  readonly id: Uuid;
  readonly version?: number;
}

const aboutIn = ({ definition, data }: WellFormed): About | undefined =>
  definition.stream === 'activity' && definition.creates === true ? (data['about'] as About | undefined) : undefined;

/** Of an activity that is about a version of a record: where the record stood then, if it left that place lately. */
const pastPlace = (draft: Draft, { receivedMs }: JudgedSender, event: WellFormed): Place | undefined => {
  const about = aboutIn(event);
  if (about?.version === undefined) return undefined;
  const past = readPastPair(draft, { id: about.id, version: about.version });
  if (past === undefined || past.leftAt === null) return undefined;
  return receivedMs - Date.parse(past.leftAt) <= PAST_MS_MAX ? { rootId: about.id, pair: past } : undefined;
};

interface Judging {
  readonly event: WellFormed;
  readonly before: StreamSnapshot | undefined;
}

const readOnly = rejection('forbidden', 'you may see this record, but not change it');
const notConvertible = rejection('forbidden', 'only the owner of a lead, a manager or an admin converts it');
const notShareable = rejection('forbidden', 'you may not share this record: ask its owner, a manager or an admin');
const notAssignable = rejection(
  'forbidden',
  'records are assigned within your own teams (of a manager: and those below)',
);

const notYours = rejection('forbidden', 'a forecast is submitted by its owner or by a manager or admin above');
const notBelow = rejection('forbidden', 'a quota is set by an admin, or by a manager for people and teams below');

/** Amounts for a period are said by those above whom they are for; a forecast by the person, too. */
const forbidsStating = ({ event }: Judging, { rights, principal }: JudgedSender): Rejection | undefined => {
  const { ownerId, teamId = null } = event.data as { ownerId?: Uuid | null; teamId?: Uuid | null };
  if (event.type === 'QuotaSet') return rights.leads({ ownerId: ownerId ?? null, teamId }) ? undefined : notBelow;
  const isOwn = teamId === null && (ownerId === undefined || ownerId === principal.userId);
  return isOwn || rights.leads({ ownerId: ownerId ?? null, teamId }) ? undefined : notYours;
};

/** What the sender may not do to what he sees. Existence is judged elsewhere. */
export const forbids = (draft: Draft, sender: JudgedSender, judging: Judging): Rejection | undefined => {
  const { rights } = sender;
  if (rights.changes.everything) return undefined;
  const { event, before } = judging;
  if (event.type === 'QuotaSet' || event.type === 'ForecastSubmitted') return forbidsStating(judging, sender);
  if (event.definition.creates === true) {
    const about = aboutIn(event);
    if (about !== undefined && !mayWriteAbout(draft, sender, { event, about })) return readOnly;
    return assigns(judging, sender) ? undefined : notAssignable;
  }
  const place = before === undefined ? undefined : placeOf(draft, before);
  // Not there, or not loaded yet: then there will be another pass.
  if (before === undefined || place === undefined || place.pair === null) return undefined;
  if (isSharing(event.type)) return includes(rights.shares, place) ? undefined : notShareable;
  if (!mayChange(rights, place) && !isOwnActivity(before, sender)) return readOnly;
  if (event.type === 'LeadConverted' && rights.role === 'rep' && place.pair.ownerId !== sender.principal.userId)
    return notConvertible;
  return assigns(judging, sender) ? undefined : notAssignable;
};

/** A task can be done by whom it was given to, whoever the record belongs to. */
const isOwnActivity = ({ type, state }: StreamSnapshot, { principal }: JudgedSender): boolean =>
  type === 'activity' && state['ownerId'] === principal.userId;

const mayWriteAbout = (
  draft: Draft,
  sender: JudgedSender,
  { event, about }: { readonly event: WellFormed; readonly about: About },
): boolean => {
  const root = readSnapshot(draft, about.id);
  const place = root === undefined ? undefined : placeOf(draft, root);
  // Of what cannot be seen the reference is what is refused.
  if (place === undefined || mayChange(sender.rights, place)) return true;
  const past = pastPlace(draft, sender, event);
  if (past !== undefined && mayChange(sender.rights, past)) return true;
  return !includes(sender.rights.sees, place);
};

/** A conflict about the ownership is settled by giving the record to somebody, too. */
const settles = ({ event, before }: Judging, rights: Rights): boolean => {
  const { conflictId, choice, value } = event.data as unknown as Settlement;
  const open = conflictsOf(before?.state ?? {}).find((conflict) => conflict.conflictId === conflictId);
  if (open?.register !== 'ownership' || choice === 'current') return true;
  const { ownerId = null, teamId = null } = (choice === 'custom' ? value : open.proposed) ?? {};
  return rights.assignsTo({ ownerId: ownerId as Uuid | null, teamId: teamId as Uuid | null });
};

interface Settlement {
  readonly conflictId: Uuid;
  readonly choice: 'current' | 'proposed' | 'custom';
  readonly value?: JsonObject;
}

/** Whether the sender may give the record to whom the event gives it. What stays as it is needs no right. */
const assigns = ({ event, before }: Judging, { rights, principal }: JudgedSender): boolean => {
  const { data, definition } = event;
  const creates = definition.creates === true;
  if (definition.stream === 'activity') return true;
  if (event.type === 'ConflictResolved') return settles({ event, before }, rights);
  if (!creates && !event.type.endsWith('Assigned')) return true;
  const present: JsonObject = before?.state ?? { ownerId: principal.userId, teamId: null };
  const given = (field: 'ownerId' | 'teamId'): Uuid | null =>
    data[field] === undefined || data[field] === present[field] ? null : (data[field] as Uuid | null);
  return rights.assignsTo({ ownerId: given('ownerId'), teamId: given('teamId') });
};
