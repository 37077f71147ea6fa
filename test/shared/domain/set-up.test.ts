import { describe, expect, test } from 'vitest';
import { ROLES } from '../../../src/shared/contract/events/user.ts';
import { changesAccess, mayWrite } from '../../../src/shared/domain/access.ts';
import { rootOf, scopeOf } from '../../../src/shared/domain/scope.ts';
import { ACTOR, fact, given, id, malformed } from '../../support/given.ts';

const team = (name: string, parentId?: string) =>
  fact('TeamCreated', parentId === undefined ? { name } : { name, parentId: id(parentId) }, { stream: id(name) });

describe('a team', () => {
  const ada = fact('UserInvited', { name: 'Ada', role: 'rep' });

  test('has members that exist, each once', () => {
    const added = fact('TeamMemberAdded', { userId: id('user') }, { stream: id('north') });
    given(team('north'), ada)
      .when(added)
      .leaves({ memberIds: [id('user')] });
    given(team('north'), ada, added)
      .when(added)
      .leaves({ memberIds: [id('user')] });
    given(team('north')).when(added).refuses('unknown_stream', 'data.userId');
    given(team('north'), ada, added)
      .when(fact('TeamMemberRemoved', { userId: id('user') }, { stream: id('north') }))
      .leaves({ memberIds: [] });
  });

  test('is not above itself', () => {
    given(team('north'), team('oslo', 'north'))
      .when(fact('TeamMoved', { parentId: id('oslo') }, { stream: id('north') }))
      .refuses('invalid', 'data.parentId');
  });

  test('is gone once deleted', () => {
    given(team('north'), fact('TeamDeleted', {}, { stream: id('north') }))
      .when(fact('TeamRenamed', { name: 'South' }, { stream: id('north') }))
      .refuses('archived');
  });
});

describe('a user', () => {
  test('is invited, becomes active, changes role and is deactivated', () => {
    const invited = fact('UserInvited', { name: 'Ada', role: 'rep', email: 'ada@example.com' });
    given().when(invited).leaves({ status: 'invited', role: 'rep' });
    given(invited).when(fact('UserActivated', {})).leaves({ status: 'active' });
    given(invited)
      .when(fact('RoleChanged', { role: 'manager' }))
      .leaves({ role: 'manager' });
    given(invited).when(fact('UserDeactivated', {})).leaves({ status: 'deactivated' });
    given(invited)
      .when(fact('UserRenamed', { name: 'Ada L.' }))
      .leaves({ name: 'Ada L.' });
  });

  test('who is an admin does not lose the rights by an event from a phone', () => {
    const admin = [fact('UserInvited', { name: 'Ada', role: 'admin' }), fact('UserActivated', {})];
    given(...admin)
      .when(fact('RoleChanged', { role: 'rep' }))
      .refuses('forbidden');
    given(...admin)
      .when(fact('UserDeactivated', {}))
      .refuses('forbidden');
    given(...admin)
      .when(fact('RoleChanged', { role: 'admin' }))
      .leaves({ role: 'admin' });
  });
});

describe('a workspace', () => {
  const created = fact('WorkspaceCreated', { name: 'Engines' });

  test('starts with settings that work', () => {
    given().when(created).leaves({ timeZone: 'UTC', baseCurrency: 'USD', sharing: 'everyone', fiscalYearStart: 1 });
  });

  test('changes one policy of a register and keeps the others', () => {
    given(created, fact('WorkspaceSettingsChanged', { registers: { money: 'merge' } }))
      .when(fact('WorkspaceSettingsChanged', { registers: { ownership: 'merge' }, timeZone: 'Europe/Berlin' }))
      .leaves({ registers: { money: 'merge', progress: 'conflict', ownership: 'merge' }, timeZone: 'Europe/Berlin' });
  });

  test.each([
    ['a time zone that does not exist', { timeZone: 'Europe/Atlantis' }, 'data.timeZone'],
    ['an offset, which PostgreSQL reads the other way round', { timeZone: '+02:00' }, 'data.timeZone'],
    ['a currency that does not exist', { baseCurrency: 'EUX' }, 'data.baseCurrency'],
    ['a thirteenth month', { fiscalYearStart: 13 }, 'data.fiscalYearStart'],
    ['a register that nobody knows', { registers: { colour: 'merge' } }, 'data.registers'],
  ])('is refused with %s', (_what, data, path) => {
    given(created).when(malformed('WorkspaceSettingsChanged', data)).refuses('invalid', path);
  });
});

describe('an import', () => {
  const started = fact('ImportStarted', { type: 'leads', fileName: 'leads.csv', sha256: 'a'.repeat(64) });
  const completed = fact('ImportCompleted', { counts: { accepted: 2, rejected: 1 } });

  test('belongs to whoever runs it', () => {
    given().when(started).leaves({ ownerId: ACTOR, status: 'running' });
  });

  test('is completed once and reverted once', () => {
    given(started)
      .when(completed)
      .leaves({ status: 'completed', counts: { accepted: 2 } });
    given(started, completed).when(completed).refuses('invalid');
    given(started, completed).when(fact('ImportReverted', {})).leaves({ status: 'reverted' });
    given(started, completed, fact('ImportReverted', {})).when(fact('ImportReverted', {})).refuses('invalid');
  });
});

const allowed = (type: Parameters<typeof mayWrite>[1]) => ROLES.filter((role) => mayWrite(role, type));

describe('who may write', () => {
  test('records: those who sell; the set-up: admins; analysts and auditors: nothing', () => {
    expect(allowed('LeadCreated')).toEqual(['admin', 'manager', 'rep']);
    expect(allowed('NoteAdded')).toEqual(['admin', 'manager', 'rep']);
    expect(allowed('RoleChanged')).toEqual(['admin']);
    expect(allowed('StageAdded')).toEqual(['admin']);
    expect(allowed('WorkspaceSettingsChanged')).toEqual(['admin']);
    expect(allowed('TeamMemberAdded')).toEqual(['admin']);
    expect(allowed('ExchangeRateRecorded')).toEqual(['admin']);
    expect(allowed('QuotaSet')).toEqual(['admin', 'manager']);
    expect(allowed('ForecastSubmitted')).toEqual(['admin', 'manager', 'rep']);
  });

  test('a change of roles, teams or sharing moves the rights; a change of a record does not', () => {
    expect(changesAccess('RoleChanged')).toBe(true);
    expect(changesAccess('TeamMemberRemoved')).toBe(true);
    expect(changesAccess('WorkspaceSettingsChanged')).toBe(true);
    expect(changesAccess('LeadAssigned')).toBe(false);
  });
});

describe('a scope', () => {
  const pair = { teamId: id('team'), ownerId: id('user') };

  test('of a record is its team and owner', () => {
    for (const type of ['lead', 'contact', 'company', 'deal', 'quota', 'forecast'] as const)
      expect(scopeOf(type, pair)).toEqual(pair);
  });

  test('of an activity is that of the record it is about, or its own', () => {
    const about = { about: { type: 'lead', id: id('lead') }, ownerId: id('user') };
    expect(scopeOf('activity', about)).toBeNull();
    expect(rootOf('activity', id('note'), about)).toBe(id('lead'));
    const free = { about: null, ownerId: id('user') };
    expect(scopeOf('activity', free)).toEqual({ teamId: null, ownerId: id('user') });
    expect(rootOf('activity', id('note'), free)).toBe(id('note'));
  });

  test('of the set-up is shared, of an import its author', () => {
    for (const type of ['pipeline', 'user', 'team', 'workspace', 'rate'] as const)
      expect(scopeOf(type, {})).toBe('shared');
    expect(scopeOf('import', { ownerId: id('user') })).toEqual({ teamId: null, ownerId: id('user') });
    expect(rootOf('deal', id('deal'), pair)).toBe(id('deal'));
  });
});
