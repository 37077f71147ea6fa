import type { Uuid } from '../../shared/base/ids.ts';
import type { ActivityState } from '../../shared/contract/events/activity.ts';
import type { CompanyState } from '../../shared/contract/events/company.ts';
import type { ContactState } from '../../shared/contract/events/contact.ts';
import type { DealState } from '../../shared/contract/events/deal.ts';
import type { LeadState } from '../../shared/contract/events/lead.ts';
import type { PipelineState } from '../../shared/contract/events/pipeline.ts';
import type { EventData } from '../../shared/contract/events/registry.ts';
import type { TeamState } from '../../shared/contract/events/team.ts';
import type { UserState } from '../../shared/contract/events/user.ts';
import type { WorkspaceState } from '../../shared/contract/events/workspace.ts';
import type { LiveList } from '../api.ts';

/** A record on view: what the server confirmed, with the pending edits of this device on top. */
export type RecordOf<State> = State & {
  readonly id: Uuid;
  /** The last confirmed version; 0 where the server has not confirmed the creation. */
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** It was changed in a way that this app does not know: show it, ask for an update, take no edit. */
  readonly needsUpdate: boolean;
};

export type Lead = RecordOf<LeadState>;
export type Contact = RecordOf<ContactState>;
export type Company = RecordOf<CompanyState>;
export type Deal = RecordOf<DealState>;
export type Activity = RecordOf<ActivityState>;
export type Pipeline = RecordOf<PipelineState>;
export type User = RecordOf<UserState>;
export type Team = RecordOf<TeamState>;
export type Workspace = RecordOf<WorkspaceState>;

/** Fields to match, each by a value or any of several, and how to page. */
export type ListQuery<State> = {
  readonly [Field in keyof State]?: State[Field] | readonly State[Field][];
} & {
  /** 1 to 1000; default 50. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
  /** A field, with `-` in front for the last first; default `-createdAt`. */
  readonly sort?: string;
  /** Words that must occur in names, addresses and notes. */
  readonly q?: string;
  /** Deleted records alone (`true`) or as well (`'any'`). */
  readonly deleted?: boolean | 'any';
};

export interface Page<R> {
  readonly items: readonly R[];
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

/** Reads wait for the boot of the cache and for nothing else. */
export interface Reads<State> {
  list(query?: ListQuery<State>): Promise<Page<RecordOf<State>>>;
  get(id: Uuid): Promise<RecordOf<State> | undefined>;
  /** The first page of a list, kept up to date. */
  live(query?: ListQuery<State>): LiveList<RecordOf<State>>;
}

type Owner = Pick<EventData<'LeadAssigned'>, 'ownerId' | 'teamId'>;
type WithId<T> = T & { readonly id?: Uuid };

interface Owned<State, Created, Patch> extends Reads<State> {
  /** `id`: a UUIDv7 of the caller's. */
  create(data: WithId<Created>): Promise<RecordOf<State>>;
  /** Only what differs becomes events; null clears. */
  update(id: Uuid, changes: Patch): Promise<RecordOf<State>>;
  assign(id: Uuid, owner: Owner): Promise<RecordOf<State>>;
  delete(id: Uuid, reason?: string): Promise<void>;
  restore(id: Uuid, reason?: string): Promise<RecordOf<State>>;
}

type LeadPatch = EventData<'LeadDetailsChanged'> &
  Partial<EventData<'LeadStatusChanged'> & EventData<'LeadPriorityChanged'> & EventData<'LeadScored'> & Owner>;
type ContactPatch = EventData<'ContactDetailsChanged'> &
  Partial<Owner & { readonly companyId: Uuid | null; readonly companyRole: string | null }>;
type CompanyPatch = EventData<'CompanyDetailsChanged'> & Partial<EventData<'CompanyParentChanged'> & Owner>;
type DealPatch = EventData<'DealDetailsChanged'> &
  Partial<
    EventData<'DealMovedToPipeline'> &
      EventData<'DealAmountChanged'> &
      EventData<'DealExpectedCloseDateChanged'> &
      EventData<'DealProbabilityOverridden'> &
      EventData<'DealForecastCategoryChanged'> &
      Owner & { readonly contactIds: readonly Uuid[] }
  >;

/** Of each target: nothing makes a new record, `{ id }` takes an existing one, null takes none. */
export interface ConvertInto {
  readonly contact?: WithId<Partial<EventData<'ContactCreated'>>>;
  readonly company?: WithId<Partial<EventData<'CompanyCreated'>>> | null;
  readonly deal?: WithId<Partial<EventData<'DealCreated'>>> | null;
}
export interface Converted {
  readonly lead: Lead;
  readonly contact: Contact;
  readonly company: Company | null;
  readonly deal: Deal | null;
}

export interface Leads extends Owned<LeadState, EventData<'LeadCreated'>, LeadPatch> {
  changeStatus(id: Uuid, status: LeadState['status'], reason?: string): Promise<Lead>;
  disqualify(id: Uuid, reason: string, note?: string): Promise<Lead>;
  recycle(id: Uuid, data?: EventData<'LeadRecycled'>): Promise<Lead>;
  /** Makes or fills contact, company and deal, all or nothing. */
  convert(id: Uuid, into?: ConvertInto): Promise<Converted>;
}
export interface Contacts extends Owned<ContactState, EventData<'ContactCreated'>, ContactPatch> {
  linkToCompany(id: Uuid, companyId: Uuid, role?: string): Promise<Contact>;
  unlinkFromCompany(id: Uuid): Promise<Contact>;
  changeConsent(id: Uuid, data: EventData<'ContactConsentChanged'>): Promise<Contact>;
}
export type Companies = Owned<CompanyState, EventData<'CompanyCreated'>, CompanyPatch>;

type LineItem = EventData<'DealLineItemAdded'>;
export interface Deals extends Owned<DealState, EventData<'DealCreated'>, DealPatch> {
  changeStage(id: Uuid, stageId: Uuid): Promise<Deal>;
  win(id: Uuid, data?: EventData<'DealWon'>): Promise<Deal>;
  lose(id: Uuid, data: EventData<'DealLost'>): Promise<Deal>;
  reopen(id: Uuid, stageId: Uuid, reason?: string): Promise<Deal>;
  linkContact(id: Uuid, contactId: Uuid): Promise<Deal>;
  unlinkContact(id: Uuid, contactId: Uuid): Promise<Deal>;
  addLineItem(id: Uuid, line: Omit<LineItem, 'lineItemId'> & { readonly lineItemId?: Uuid }): Promise<Deal>;
  changeLineItem(id: Uuid, line: EventData<'DealLineItemChanged'>): Promise<Deal>;
  removeLineItem(id: Uuid, lineItemId: Uuid): Promise<Deal>;
}

/** Notes, calls and meetings; what is logged can be amended or voided, never changed. */
export interface Activities extends Reads<ActivityState> {
  schedule(data: EventData<'ActivityScheduled'>): Promise<Activity>;
  reschedule(id: Uuid, dueAt: string, reason?: string): Promise<Activity>;
  reassign(id: Uuid, ownerId: Uuid | null): Promise<Activity>;
  complete(id: Uuid, data?: EventData<'ActivityCompleted'>): Promise<Activity>;
  cancel(id: Uuid, reason?: string): Promise<Activity>;
  logCall(data: EventData<'CallLogged'>): Promise<Activity>;
  logEmail(data: EventData<'EmailLogged'>): Promise<Activity>;
  logMeeting(data: EventData<'MeetingLogged'>): Promise<Activity>;
  addNote(data: EventData<'NoteAdded'>): Promise<Activity>;
  amendNote(id: Uuid, body: string): Promise<Activity>;
  void(id: Uuid, reason?: string): Promise<void>;
}

type NewStage = Omit<EventData<'StageAdded'>, 'stageId'> & { readonly stageId?: Uuid };
export interface Pipelines extends Reads<PipelineState> {
  create(data: WithId<EventData<'PipelineCreated'>>): Promise<Pipeline>;
  addStage(id: Uuid, stage: NewStage): Promise<Pipeline>;
  changeStage(id: Uuid, stage: EventData<'StageChanged'>): Promise<Pipeline>;
  reorderStages(id: Uuid, stageIds: readonly Uuid[]): Promise<Pipeline>;
  archiveStage(id: Uuid, stageId: Uuid, reason?: string): Promise<Pipeline>;
}

/** The records, one resource a stream type; users, teams and the workspace are read only. */
export interface Resources {
  readonly leads: Leads;
  readonly contacts: Contacts;
  readonly companies: Companies;
  readonly deals: Deals;
  readonly activities: Activities;
  readonly pipelines: Pipelines;
  readonly users: Reads<UserState>;
  readonly teams: Reads<TeamState>;
  readonly workspaces: Reads<WorkspaceState>;
}
export type ResourceName = keyof Resources;
