import { describe, test } from 'vitest';
import { ACTOR, fact, given, id, malformed } from '../../support/given.ts';

const ada = fact('LeadCreated', { name: 'Ada' });
const about = { type: 'lead' as const, id: id('lead') };
const scheduled = fact('ActivityScheduled', { kind: 'call', subject: 'Ring', dueAt: '2026-12-01T09:00:00Z', about });

describe('a planned activity', () => {
  test('belongs to whoever plans it, unless the data says otherwise', () => {
    given(ada).when(scheduled).leaves({ status: 'scheduled', about, ownerId: ACTOR, kind: 'call' });
    given(ada)
      .when({ ...scheduled, data: { ...scheduled.data, ownerId: null } })
      .leaves({ ownerId: null });
  });

  test('may be about nothing', () => {
    given()
      .when(fact('ActivityScheduled', { kind: 'task', subject: 'Tidy up', dueAt: '2026-12-01T09:00:00Z' }))
      .leaves({ about: null });
  });

  test('is about a lead, contact, company or deal', () => {
    given()
      .when(malformed('ActivityScheduled', { ...scheduled.data, about: { type: 'user', id: id('me') } }))
      .refuses('invalid', 'data.about.type');
  });

  test('is completed when it says, or else when that was recorded on the phone', () => {
    given(ada, scheduled)
      .when(fact('ActivityCompleted', { outcome: 'reached' }))
      .leaves({ status: 'completed', completedAt: '2026-11-22T10:02:00.000Z', outcome: 'reached' });
    given(ada, scheduled)
      .when(fact('ActivityCompleted', { completedAt: '2026-11-21T10:00:00Z' }))
      .leaves({ completedAt: '2026-11-21T10:00:00Z' });
  });

  test('was not completed in the future, a minute of difference between clocks aside', () => {
    given(ada, scheduled)
      .when(fact('ActivityCompleted', { completedAt: '2026-11-22T10:03:00.000Z' }))
      .leaves({ status: 'completed' });
    given(ada, scheduled)
      .when(fact('ActivityCompleted', { completedAt: '2026-11-22T10:03:00.001Z' }))
      .refuses('invalid', 'data.completedAt');
  });

  test('is moved, canceled and reassigned', () => {
    given(ada, scheduled)
      .when(fact('ActivityRescheduled', { dueAt: '2026-12-02T09:00:00Z' }))
      .leaves({ dueAt: '2026-12-02T09:00:00Z' });
    given(ada, scheduled)
      .when(fact('ActivityCanceled', { reason: 'ill' }))
      .leaves({ status: 'canceled', reason: 'ill' });
    given(ada, scheduled)
      .when(fact('ActivityReassigned', { ownerId: null }))
      .leaves({ ownerId: null });
  });

  test('that was canceled still counts when a phone did complete it', () => {
    given(ada, scheduled, fact('ActivityCanceled', {}))
      .when(fact('ActivityCompleted', {}))
      .leaves({ status: 'completed', reason: null });
  });

  test('that is completed is not canceled any more', () => {
    given(ada, scheduled, fact('ActivityCompleted', {})).when(fact('ActivityCanceled', {})).refuses('invalid');
  });
});

describe('a logged activity', () => {
  test('keeps what it was about and belongs to its author', () => {
    given(ada)
      .when(
        fact('CallLogged', { about: { ...about, version: 1 }, direction: 'out', durationSec: 90, outcome: 'reached' }),
      )
      .leaves({ kind: 'call', status: 'logged', about, ownerId: ACTOR, direction: 'out', durationSec: 90 });
  });

  test('began when it says, or else when it was logged', () => {
    given(ada)
      .when(fact('CallLogged', { about, direction: 'in', startedAt: '2026-11-22T09:00:00Z' }))
      .leaves({ startedAt: '2026-11-22T09:00:00Z' });
    given(ada)
      .when(fact('CallLogged', { about, direction: 'in' }))
      .expects({ startedAt: '2026-11-22T10:01:00.000Z' });
    given(ada)
      .when(fact('EmailLogged', { about, direction: 'out', subject: 'Hello' }))
      .leaves({ kind: 'email', sentAt: '2026-11-22T10:01:00.000Z', subject: 'Hello' });
    given(ada)
      .when(fact('MeetingLogged', { about, endedAt: '2026-11-22T09:00:00Z', attendees: ['Ada'] }))
      .leaves({ kind: 'meeting', startedAt: '2026-11-22T09:00:00Z', attendees: ['Ada'] });
  });

  test.each([
    ['a call', fact('CallLogged', { about, direction: 'in', startedAt: '2026-11-23T00:00:00Z' }), 'data.startedAt'],
    ['an e-mail', fact('EmailLogged', { about, direction: 'in', sentAt: '2026-11-23T00:00:00Z' }), 'data.sentAt'],
    [
      'a meeting',
      fact('MeetingLogged', { about, startedAt: '2026-11-22T09:00:00Z', endedAt: '2026-11-23T00:00:00Z' }),
      'data.endedAt',
    ],
  ])('did not happen in the future: %s', (_what, event, path) => {
    given(ada).when(event).refuses('invalid', path);
  });

  test('ends after it begins', () => {
    given(ada)
      .when(fact('MeetingLogged', { about, startedAt: '2026-11-22T09:00:00Z', endedAt: '2026-11-22T08:00:00Z' }))
      .refuses('invalid');
  });

  test('is about something', () => {
    given()
      .when(malformed('NoteAdded', { body: 'hm' }))
      .refuses('invalid', 'data.about');
  });

  test('is not completed, canceled or moved', () => {
    const dueAt = '2026-12-02T09:00:00Z';
    for (const change of [
      fact('ActivityCompleted', {}),
      fact('ActivityCanceled', {}),
      fact('ActivityRescheduled', { dueAt }),
    ]) {
      given(ada, fact('NoteAdded', { about, body: 'hm' }))
        .when(change)
        .refuses('invalid');
    }
  });

  test('is amended where it is a note', () => {
    given(ada, fact('NoteAdded', { about, body: 'hm' }))
      .when(fact('NoteAmended', { body: 'aha' }))
      .leaves({ body: 'aha' });
    given(ada, scheduled)
      .when(fact('NoteAmended', { body: 'aha' }))
      .refuses('invalid');
  });

  test('is voided, not deleted, and then takes nothing more', () => {
    const voided = fact('ActivityVoided', { reason: 'wrong lead' });
    given(ada, scheduled)
      .when(voided)
      .leaves({ status: 'voided', reason: 'wrong lead', deletedAt: '2026-11-22T10:02:00.000Z' });
    given(ada, scheduled, voided).when(fact('ActivityCompleted', {})).refuses('archived');
  });
});
