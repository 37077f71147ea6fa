import { v7 as uuidv7 } from 'uuid';
import { formatClock } from '../../src/shared/base/hybrid-clock.ts';
import type { Uuid } from '../../src/shared/base/ids.ts';
import type { JsonObject } from '../../src/shared/base/json.ts';
import type { ProposedEvent } from '../../src/shared/contract/envelope.ts';
import { definitionOf, type EventType } from '../../src/shared/contract/events/registry.ts';

export interface EventSource {
  /** The next event; it never depends on one of another source. */
  readonly next: () => ProposedEvent;
}

const SOURCES = ['web', 'referral', 'fair', 'call'];

/** A day of a sales team's phones: leads come in and move on, deals are made, pushed forward and won, notes are taken. */
export const createEventSource = (deviceId: Uuid, openStages: readonly Uuid[], startMs: number): EventSource => {
  let made = 0;
  let waiting: ProposedEvent[] = [];

  const event = (type: EventType, id: Uuid, basedOn: number, data: JsonObject): ProposedEvent => {
    made += 1;
    const at = formatClock({ time: startMs + Math.floor(made / 10_000), counter: made % 10_000, device: deviceId });
    const stream = { type: definitionOf(type).stream, id };
    return { id: uuidv7(), type, schemaVersion: 1, stream, basedOn, at, data };
  };
  const leadLife = (): ProposedEvent[] => {
    const id = uuidv7();
    const name = `Lead ${made}`;
    return [
      event('LeadCreated', id, 0, {
        name,
        companyName: `Company ${made % 997}`,
        emails: [{ value: `lead${made}@example.com`, primary: true }],
        source: SOURCES[made % SOURCES.length] ?? 'web',
        priority: 'normal',
      }),
      event('LeadStatusChanged', id, 1, { status: 'contacted' }),
      event('NoteAdded', uuidv7(), 0, { about: { type: 'lead', id }, body: `Spoke with ${name} about the offer.` }),
      event('LeadDetailsChanged', id, 2, { title: 'Head of Purchasing' }),
    ];
  };
  const dealLife = (): ProposedEvent[] => {
    const id = uuidv7();
    const currency = 'EUR';
    const stages = openStages.slice(1);
    return [
      event('DealCreated', id, 0, { name: `Deal ${made}`, amountMinor: 100_000 + (made % 5000) * 100, currency }),
      ...stages.map((stageId, index) => event('DealStageChanged', id, index + 1, { stageId })),
      event('DealAmountChanged', id, stages.length + 1, { amountMinor: 120_000 + (made % 5000) * 100 }),
      event('DealWon', id, stages.length + 2, {}),
    ];
  };
  return {
    next: () => {
      if (waiting.length === 0) waiting = made % 3 === 2 ? dealLife() : leadLife();
      return waiting.shift() as ProposedEvent;
    },
  };
};
