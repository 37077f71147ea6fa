import type * as z from 'zod/mini';
import type { StreamType } from '../streams.ts';
import { activityEvents } from './activity.ts';
import { companyEvents } from './company.ts';
import { conflictEvents } from './conflict.ts';
import { contactEvents } from './contact.ts';
import { dealEvents } from './deal.ts';
import type { AnyEventDefinition, EventDefinition } from './definition.ts';
import { forecastEvents } from './forecast.ts';
import { importEvents } from './import.ts';
import { leadEvents } from './lead.ts';
import { pipelineEvents } from './pipeline.ts';
import { quotaEvents } from './quota.ts';
import { rateEvents } from './rate.ts';
import { sharingEvents } from './sharing.ts';
import { teamEvents } from './team.ts';
import { userEvents } from './user.ts';
import { workspaceEvents } from './workspace.ts';

/** Every event that the log may hold. The key is the wire type, the TypeScript name and the word to search for. */
export const events = {
  ...leadEvents,
  ...contactEvents,
  ...companyEvents,
  ...dealEvents,
  ...activityEvents,
  ...pipelineEvents,
  ...userEvents,
  ...teamEvents,
  ...workspaceEvents,
  ...importEvents,
  ...rateEvents,
  ...quotaEvents,
  ...forecastEvents,
  ...sharingEvents,
  ...conflictEvents,
};

export type EventType = keyof typeof events;
type Definition<T extends EventType> = (typeof events)[T];

/** What a client sends as `data` of an event of this type. */
export type EventData<T extends EventType> = z.output<Definition<T>['schema']>;
/** What the log keeps as `data`: the sent fields and those that the rules added. */
export type RecordedData<T extends EventType> =
  Definition<T> extends EventDefinition<infer _Sent, infer Recorded, infer _S> ? Recorded : never;

export const isEventType = (type: string): type is EventType => Object.hasOwn(events, type);
export const definitionOf = (type: EventType): AnyEventDefinition => events[type];

/** The event types that streams of one type may hold. */
export const eventTypesOf = (stream: StreamType): EventType[] =>
  (Object.keys(events) as EventType[]).filter((type) => definitionOf(type).streams.includes(stream));
