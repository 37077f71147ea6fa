import { err, ok, type Result } from '../base/result.ts';
import { initialLead, type leadEvents, type LeadState } from '../contract/events/lead.ts';
import { invalidField, wrongState, type Rejection } from '../contract/rejections.ts';
import type { Decided, Decider, Proposed, RuleContext } from './decider.ts';
import { ownerOf } from './ownership.ts';

type LeadEvent = keyof typeof leadEvents;
type Decision = Result<Decided<LeadEvent>, Rejection>;

/** A converted lead is history: its contact, company and deal go on. */
const STILL_ALLOWED: ReadonlySet<LeadEvent> = new Set<LeadEvent>(['LeadConverted', 'LeadDeleted', 'LeadRestored']);

const decide = (state: LeadState, event: Proposed<LeadEvent>, context: RuleContext): Decision => {
  if (state.convertedAt !== null && !STILL_ALLOWED.has(event.type)) {
    return err(wrongState('this lead was converted: change its contact, company or deal instead'));
  }
  switch (event.type) {
    case 'LeadCreated':
      return ok({ type: event.type, data: { ...event.data, ownerId: ownerOf(event.data, context.actor) } });
    case 'LeadDetailsChanged':
      return changeDetails(state, event);
    case 'LeadConverted':
      return convert(state, event, context);
    case 'LeadDeleted':
      return ok({ type: event.type, data: { ...event.data, deletedAt: context.occurredAt } });
    case 'LeadStatusChanged':
    case 'LeadPriorityChanged':
    case 'LeadScored':
    case 'LeadAssigned':
    case 'LeadDisqualified':
    case 'LeadRecycled':
    case 'LeadRestored':
      return ok(event);
  }
};

const changeDetails = (state: LeadState, { type, data }: Proposed<'LeadDetailsChanged'>): Decision => {
  const { name = state.name, companyName = state.companyName } = data;
  if (name === null && companyName === null) return err(invalidField('name', 'a lead needs a name or a companyName'));
  const { amountMinor = state.amountMinor } = data;
  // Clearing the amount alone clears the money: a currency without an amount means nothing.
  const cleared = data.amountMinor === null && data.currency === undefined;
  const currency = cleared ? null : data.currency === undefined ? state.currency : data.currency;
  if ((amountMinor === null) !== (currency === null)) {
    return err(invalidField(currency === null ? 'currency' : 'amountMinor', 'amountMinor and currency go together'));
  }
  return ok({ type, data: cleared ? { ...data, currency } : data });
};

const TARGETS = ['contactId', 'companyId', 'dealId'] as const;

/** Sent again with the same targets, as phones do that lost the answer, a conversion is taken and changes nothing. */
const convert = (state: LeadState, { type, data }: Proposed<'LeadConverted'>, context: RuleContext): Decision => {
  if (state.convertedAt === null) return ok({ type, data: { ...data, convertedAt: context.occurredAt } });
  const same = TARGETS.every((target) => (data[target] ?? null) === state[target]);
  return same
    ? ok({ type, data: { ...data, convertedAt: state.convertedAt } })
    : err(wrongState('this lead was already converted, into other records'));
};

export const lead: Decider<LeadState, LeadEvent> = { initialState: initialLead, decide };
