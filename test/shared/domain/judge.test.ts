import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/shared/domain/judge.ts';
import { fact, given, id } from '../../support/given.ts';
import { salesPipeline } from '../../support/pipelines.ts';

const ada = fact('LeadCreated', { name: 'Ada' });

describe('any stream', () => {
  test('is created once', () => {
    given(ada).when(ada).refuses('invalid');
  });

  test('cannot be created where a stream of another type has the id', () => {
    given(ada)
      .when(fact('ContactCreated', { name: 'Ada' }, { stream: id('lead') }))
      .refuses('invalid');
  });

  test('takes no event before its creation', () => {
    given()
      .when(fact('LeadStatusChanged', { status: 'contacted' }))
      .refuses('unknown_stream');
  });

  test('takes nothing but its restoration while it is deleted', () => {
    const deleted = given(ada, fact('LeadDeleted', {}));
    deleted.when(fact('LeadStatusChanged', { status: 'contacted' })).refuses('archived');
    given(ada, fact('LeadDeleted', {})).when(fact('LeadDeleted', {})).refuses('archived');
    given(ada, fact('LeadDeleted', {})).when(fact('LeadRestored', {})).leaves({ deletedAt: null, name: 'Ada' });
  });

  test('is not restored unless it is deleted', () => {
    given(ada).when(fact('LeadRestored', {})).refuses('invalid');
  });

  test('is deleted at the time the deletion occurred', () => {
    given(ada)
      .when(fact('LeadDeleted', { reason: 'spam' }, { minute: 7 }))
      .expects({ deletedAt: '2026-11-22T10:07:00.000Z' })
      .leaves({ deletedAt: '2026-11-22T10:07:00.000Z' });
  });

  test('is never deleted before it was created', () => {
    const created = { ...ada, minute: 30 };
    given(created)
      .when(fact('LeadDeleted', {}, { minute: 5 }))
      .expects({ deletedAt: '2026-11-22T10:30:00.000Z' });
  });

  test('takes no event of another stream type', () => {
    const event = {
      type: 'LeadScored' as const,
      data: { score: 1 },
      stream: { type: 'deal' as const, id: id('deal') },
    };
    const context = {
      streamId: id('deal'),
      actor: id('me'),
      clock: `2026-11-22T10:00:00.000Z-0000-${id('phone')}`,
      receivedAt: '2026-11-22T10:00:00.000Z',
      defaultPipelineId: undefined,
      lookup: () => undefined,
    };
    expect(judge(undefined, event, context)).toMatchObject({
      ok: false,
      error: { code: 'invalid', fields: [{ path: 'stream.type' }] },
    });
  });
});

describe('a reference', () => {
  test('names a stream that exists, or the event says which field does not', () => {
    given(ada)
      .when(fact('LeadAssigned', { ownerId: id('nobody'), teamId: id('noteam') }))
      .refuses('unknown_stream', 'data.teamId');
  });

  test('names a stream of the right type', () => {
    given(ada)
      .when(fact('LeadAssigned', { ownerId: id('lead') }))
      .refuses('unknown_stream', 'data.ownerId');
  });

  test('in a list is named by its place', () => {
    const contact = fact('ContactCreated', { name: 'Ada' });
    given(salesPipeline, contact)
      .when(fact('DealCreated', { name: 'Engine', contactIds: [id('contact'), id('nobody')] }))
      .refuses('unknown_stream', 'data.contactIds.1');
  });

  test('may name a deleted record, as phones that are offline do', () => {
    given(ada, fact('LeadDeleted', {}))
      .when(fact('NoteAdded', { about: { type: 'lead', id: id('lead') }, body: 'called back' }))
      .expects({ body: 'called back' });
  });

  test('of an activity goes to the type that it says', () => {
    given(ada)
      .when(fact('NoteAdded', { about: { type: 'deal', id: id('lead') }, body: 'x' }))
      .refuses('unknown_stream', 'data.about.id');
  });
});
