import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { v7 as uuidv7 } from 'uuid';
import type { Uuid } from '../../../src/shared/base/ids.ts';
import type { Imports } from '../../../src/server/import/imports.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { importCsv, mappingOf, newImports } from '../../support/importing.ts';
import { foundWorkspace, proposed, type Bench } from '../../support/workspace.ts';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await openTestDatabase();
});
afterAll(() => opened[Symbol.asyncDispose]());

const bench = async (): Promise<Bench & { readonly imports: Imports }> => {
  const founded = await foundWorkspace(opened.database);
  return { ...founded, imports: newImports(opened.database, founded.push) };
};

interface Logged {
  readonly type: string;
  readonly at: string;
  readonly data: Record<string, unknown>;
}
const logOf = async (workspaceId: Uuid): Promise<Logged[]> => {
  const { rows } = await opened.database.owner.query<{ type: string; at: string; data: string }>(
    'select type, at, data from event where workspace_id = $1 and position > 4 order by position',
    [workspaceId],
  );
  return rows.map((row) => ({ ...row, data: JSON.parse(row.data) }));
};
const typesOf = async (workspaceId: Uuid): Promise<string[]> => (await logOf(workspaceId)).map(({ type }) => type);
const headOf = async (workspaceId: Uuid): Promise<number> => {
  const { rows } = await opened.database.owner.query<{ head: number }>(
    'select head from workspace where workspace_id = $1',
    [workspaceId],
  );
  return rows[0]?.head ?? 0;
};
const statesOf = async (workspaceId: Uuid, type: string): Promise<Record<string, unknown>[]> => {
  const { rows } = await opened.database.owner.query<{ state: string }>(
    'select state from stream where workspace_id = $1 and stream_type = $2 order by position',
    [workspaceId, type],
  );
  return rows.map(({ state }) => JSON.parse(state));
};

const pipeline = {
  name: 'Hardware',
  stages: [
    { name: 'Prospecting', kind: 'open', probability: 10 },
    { name: 'Engaging', kind: 'open', probability: 50 },
    { name: 'Won', kind: 'won' },
    { name: 'Lost', kind: 'lost' },
  ],
};
const deals = mappingOf({
  key: 'id',
  currency: 'USD',
  pipeline,
  closedFrom: 'Engaging',
  fields: {
    name: { columns: ['account', 'product'], separator: ' · ', values: { GTXPro: 'GTX Pro' } },
    stage: 'stage',
    createdAt: 'engaged',
    closedAt: 'closed',
    amount: 'value',
    ownerName: 'agent',
    teamPath: { column: 'agent', values: { Ann: 'West / Bob' }, otherwise: 'empty' },
    companyName: 'account',
    reason: { constant: 'not recorded' },
    'customFields.product': { column: 'product', values: { GTXPro: 'GTX Pro' } },
  },
});
const header = 'id,agent,product,account,stage,engaged,closed,value\n';
const file =
  `${header}1,Ann,GTXPro,Acme,Won,2017-01-02,2017-03-04,1054\n` +
  `2,Ben,GTX Basic,,Engaging,2017-01-05,,\n` +
  `3,Ann,MG,Acme,Lost,2017-01-06,2017-01-06,0\n` +
  `4,Ann,MG,,Prospecting,,,\n`;

describe('a file of deals', () => {
  test('becomes the lives of deals, and what they name is made on the way', async () => {
    const { principal, imports } = await bench();
    const { counts, job } = await importCsv(imports, principal, file, { type: 'deals', mapping: deals });
    expect(job.status).toBe('completed');
    expect(counts).toEqual({ rows: 4, created: 4, updated: 0, unchanged: 0, refused: 0 });
    const types = (await typesOf(principal.workspaceId)).join(' ');
    expect(types).toBe(
      'ImportStarted PipelineCreated TeamCreated TeamCreated UserInvited CompanyCreated ' +
        'DealCreated DealStageChanged DealAmountChanged DealWon ' +
        'UserInvited DealCreated DealStageChanged ' +
        'DealCreated DealStageChanged DealLost ' +
        'DealCreated ImportCompleted',
    );
    const [won, open, , prospect] = await statesOf(principal.workspaceId, 'deal');
    expect(won).toMatchObject({
      name: 'Acme · GTX Pro',
      outcome: 'won',
      amountMinor: 105_400,
      currency: 'USD',
      closedAt: '2017-03-04T00:00:00.000Z',
      customFields: { product: 'GTX Pro' },
    });
    expect(open).toMatchObject({
      name: 'GTX Basic',
      outcome: 'open',
      companyId: null,
      teamId: null,
      amountMinor: null,
    });
    expect(prospect).toMatchObject({ outcome: 'open', probabilityBp: 1000 });
    const teams = await statesOf(principal.workspaceId, 'team');
    expect(teams.map(({ name }) => name)).toEqual(['West', 'Bob']);
  });

  test('has the times of its rows, and that of the import where a row has none', async () => {
    const { principal, imports } = await bench();
    const before = new Date().toISOString();
    await importCsv(imports, principal, file, { type: 'deals', mapping: deals });
    const created = (await logOf(principal.workspaceId)).filter(({ type }) => type === 'DealCreated');
    expect(created.slice(0, 3).map(({ at }) => at.slice(0, 10))).toEqual(['2017-01-02', '2017-01-05', '2017-01-06']);
    expect((created[3]?.at ?? '') >= before).toBe(true);
  });

  test('changes nothing when it is imported again, by whomever', async () => {
    const { principal, imports, push } = await bench();
    await importCsv(imports, principal, file, { type: 'deals', mapping: deals });
    const head = await headOf(principal.workspaceId);
    const colleague = {
      ...principal,
      userId: '0197a000-0000-7000-8000-000000000001',
      deviceId: '0197a000-0000-7000-8000-000000000002',
    };
    const again = await importCsv(newImports(opened.database, push), colleague, file, {
      type: 'deals',
      mapping: deals,
    });
    expect(again.counts).toEqual({ rows: 4, created: 0, updated: 0, unchanged: 4, refused: 0 });
    expect(await headOf(principal.workspaceId)).toBe(head);
  });

  test('that has gone on since adds just what is new', async () => {
    const { principal, imports } = await bench();
    await importCsv(imports, principal, file, { type: 'deals', mapping: deals });
    const head = await headOf(principal.workspaceId);
    const later = file.replace(
      '2,Ben,GTX Basic,,Engaging,2017-01-05,,',
      '2,Ben,GTX Basic,,Won,2017-01-05,2017-02-01,70.50',
    );
    const again = await importCsv(imports, principal, later, { type: 'deals', mapping: deals });
    expect(again.verdicts.map(({ verdict }) => verdict)).toEqual(['unchanged', 'updated', 'unchanged', 'unchanged']);
    expect((await typesOf(principal.workspaceId)).slice(head - 4)).toEqual([
      'ImportStarted',
      'DealAmountChanged',
      'DealWon',
      'ImportCompleted',
    ]);
  });

  test('with other values under a known key is refused row by row', async () => {
    const { principal, imports } = await bench();
    await importCsv(imports, principal, file, { type: 'deals', mapping: deals });
    const other = await importCsv(imports, principal, file.replace('GTXPro', 'GTK 500'), {
      type: 'deals',
      mapping: deals,
    });
    expect(other.verdicts[0]).toMatchObject({ verdict: 'refused', code: 'id_reuse' });
    expect(other.counts).toMatchObject({ unchanged: 3, refused: 1 });
  });

  test('that is undone leaves no deal but those that people have worked on', async () => {
    const { principal, imports, push } = await bench();
    const { job, verdicts } = await importCsv(imports, principal, file, { type: 'deals', mapping: deals });
    const touched = verdicts[1]?.stream?.id ?? '';
    await push.events(principal, [proposed(principal, 'DealDetailsChanged', touched, { name: 'Mine' })]);
    expect(await imports.revert(principal, job)).toEqual({ ok: true, value: { reverted: 3, kept: 1 } });
    const states = await statesOf(principal.workspaceId, 'deal');
    expect(states.filter(({ deletedAt }) => deletedAt === null).map(({ name }) => name)).toEqual(['Mine']);
    expect(await imports.job(principal, job.id)).toMatchObject({ status: 'reverted' });
  });
});

describe('a row that was refused', () => {
  test('lands once it is corrected', async () => {
    const { principal, imports } = await bench();
    const first = await importCsv(imports, principal, 'id,name,status\n1,Ada,lost\n', {
      type: 'leads',
      mapping: mappingOf({ key: 'id', fields: { name: 'name', status: 'status' } }),
    });
    expect(first.verdicts).toMatchObject([{ verdict: 'refused', code: 'invalid', column: 'status' }]);
    const second = await importCsv(imports, principal, 'id,name,status\n1,Ada,new\n', {
      type: 'leads',
      mapping: mappingOf({ key: 'id', fields: { name: 'name', status: 'status' } }),
    });
    expect(second.verdicts).toMatchObject([{ verdict: 'created' }]);
  });

  test('because its author may not make users lands when an admin imports it', async () => {
    const { principal, imports } = await bench();
    const content = 'name,ownerName\nAda,Eve\n';
    const manager = { ...principal, role: 'manager' } as const;
    const first = await importCsv(imports, manager, content, { type: 'leads' });
    expect(first.verdicts).toMatchObject([{ verdict: 'refused', code: 'forbidden' }]);
    const second = await importCsv(imports, principal, content, { type: 'leads' });
    expect(second.verdicts).toMatchObject([{ verdict: 'created' }]);
  });
});

describe('two imports of one file at once', () => {
  test('make every record once', async () => {
    const { principal, imports } = await bench();
    const dated = file.split('\n').slice(0, 4).join('\n');
    const both = await Promise.all(
      [1, 2].map(() => importCsv(imports, principal, dated, { type: 'deals', mapping: deals })),
    );
    expect(both.map(({ job, counts }) => [job.status, counts.refused])).toEqual([
      ['completed', 0],
      ['completed', 0],
    ]);
    expect(await statesOf(principal.workspaceId, 'deal')).toHaveLength(3);
    expect(await statesOf(principal.workspaceId, 'company')).toHaveLength(1);
  });

  test('beside which a third is asked to wait', async () => {
    const { principal, imports } = await bench();
    const three = [1, 2, 3].map(() => importCsv(imports, principal, file, { type: 'deals', mapping: deals }));
    const settled = await Promise.allSettled(three);
    expect(settled.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { body: { code: 'overloaded' } } },
    ]);
  });
});

describe('an import that was interrupted', () => {
  test('counts as failed after a minute without a sign of life', async () => {
    const { principal, imports } = await bench();
    const { job } = await importCsv(imports, principal, file, { type: 'deals', mapping: deals });
    const age = (interval: string) =>
      opened.database.owner.query(
        `update import_job set status = 'running', touched_at = now() - $2::interval where import_id = $1`,
        [job.id, interval],
      );
    await age('30 seconds');
    expect(await imports.job(principal, job.id)).toMatchObject({ status: 'running' });
    await age('90 seconds');
    expect(await imports.job(principal, job.id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('again'),
    });
  });

  test('by the end of its server says so, and the same file completes it', async () => {
    const { principal, imports, push } = await bench();
    const rows = Array.from({ length: 300 }, (_, n) => `Lead ${n}\n`).join('');
    const importing = importCsv(imports, principal, `name\n${rows}`, {
      type: 'leads',
      onProgress: () => void imports.close(),
    });
    const stopped = await importing;
    expect(stopped.job).toMatchObject({ status: 'failed', counts: { rows: 50, created: 50 } });
    const again = await importCsv(newImports(opened.database, push), principal, `name\n${rows}`, { type: 'leads' });
    expect(again.counts).toMatchObject({ rows: 300, created: 250, unchanged: 50 });
  });
});

describe('bad rows', () => {
  const bad = [
    ['1,Ann,MG,Acme,Won,2017-01-02,,10', 'closed', 'needs the date of its closing'],
    ['2,Ann,MG,Acme,Won,2017-03-02,2017-01-02,10', 'closed', 'closed before it came to be'],
    ['3,Ann,MG,Acme,Sold,2017-03-02,,', 'stage', 'no stage "Sold"'],
    ['4,Ann,MG,Acme,Engaging,2017-02-30,,', 'engaged', 'not a day that exists'],
    ['5,Ann,MG,Acme,Engaging,02/03/2017,,', 'engaged', 'not a date like 2026-11-22'],
    ['6,Ann,MG,Acme,Engaging,2017-01-02,,-5', 'value', 'not an amount'],
    ['7,Ann,MG,Acme,Engaging,2017-01-02,,1.005', 'value', 'more than the 2 decimals of USD'],
    ['8,Ann,,,Engaging,2017-01-02,,', 'account', 'name'],
    ['9,Ann,M\0G,Acme,Engaging,2017-01-02,,', 'account', 'NUL'],
    [`10,Ann,${'x'.repeat(301)},Acme,Engaging,2017-01-02,,`, 'account', 'name'],
    [`11,Ann,MG,${'y'.repeat(301)},Engaging,2017-01-02,,`, 'account', 'name'],
    [',Ann,MG,Acme,Engaging,2017-01-02,,', 'id', 'key of the row is empty'],
    ['12,Ann,MG,Acme,Engaging,2999-01-02,,', 'engaged', 'in the future'],
    ['13,Ann,MG', undefined, 'has 3 cells'],
  ] as const;

  test('each get a verdict that names the column, and the rest lands', async () => {
    const { principal, imports } = await bench();
    const content = `${header}${bad.map(([row]) => `${row}\n`).join('')}20,Ann,MG,Acme,Engaging,2017-01-02,,\n`;
    const { counts, verdicts, job } = await importCsv(imports, principal, content, { type: 'deals', mapping: deals });
    expect(job.status).toBe('completed');
    for (const [index, [, column, message]] of bad.entries()) {
      expect(verdicts[index]).toMatchObject({
        row: index + 1,
        verdict: 'refused',
        message: expect.stringContaining(message),
      });
      expect(verdicts[index]?.column).toBe(column);
    }
    expect(verdicts.at(-1)?.verdict).toBe('created');
    expect(counts).toMatchObject({ created: 1, refused: bad.length });
    expect(await statesOf(principal.workspaceId, 'deal')).toHaveLength(1);
  });

  test('get the same verdicts in a dry run, which writes nothing', async () => {
    const { principal, imports } = await bench();
    const content = `${header}${bad.map(([row]) => `${row}\n`).join('')}20,Ann,MG,Acme,Engaging,2017-01-02,,\n21,Ann,MG,Acme,Won,2017-01-02,2017-02-02,9\n20,Ann,MG,Acme,Engaging,2017-01-02,,\n`;
    const head = await headOf(principal.workspaceId);
    const dry = await importCsv(imports, principal, content, { type: 'deals', mapping: deals, dryRun: true });
    expect(await headOf(principal.workspaceId)).toBe(head);
    const real = await importCsv(imports, principal, content, { type: 'deals', mapping: deals });
    expect(dry.verdicts).toEqual(real.verdicts);
    expect(real.counts).toMatchObject({ created: 2, unchanged: 1 });
    const later = await importCsv(imports, principal, content, { type: 'deals', mapping: deals, dryRun: true });
    expect(later.counts).toMatchObject({ created: 0, unchanged: 3 });
  });

  test('of a rep may not make users and teams, which the verdict says', async () => {
    const { principal, imports } = await bench();
    const content = `${header}1,Ann,MG,,Engaging,2017-01-02,,\n2,,MG,,Engaging,2017-01-02,,\n`;
    const { pipeline: _, closedFrom: __, ...rest } = deals;
    const mapping = { ...rest, fields: { ...rest.fields, stage: { constant: 'Discovery' } } };
    const { verdicts } = await importCsv(imports, { ...principal, role: 'manager' }, content, {
      type: 'deals',
      mapping,
    });
    expect(verdicts).toMatchObject([{ verdict: 'refused', code: 'forbidden' }, { verdict: 'created' }]);
  });
});

describe('other types', () => {
  test('leads and contacts, by columns named like fields', async () => {
    const { principal, imports } = await bench();
    const leads =
      'name,emails,status,amount,currency,customFields.region\nZoë,z@x.de; zoe@y.de,contacted,500,JPY,North\n,,new,,,\n';
    const first = await importCsv(imports, principal, leads, { type: 'leads' });
    expect(first.verdicts).toMatchObject([{ verdict: 'created' }, { verdict: 'refused', code: 'invalid' }]);
    expect(await statesOf(principal.workspaceId, 'lead')).toMatchObject([
      {
        name: 'Zoë',
        emails: [{ value: 'z@x.de', primary: true }, { value: 'zoe@y.de' }],
        status: 'contacted',
        amountMinor: 500,
        customFields: { region: 'North' },
      },
    ]);
    const contacts = await importCsv(imports, principal, 'Full name;Firma\nAda;Acme\nAda;acme \n', {
      type: 'contacts',
      delimiter: ';',
      pairs: [
        ['Full name', 'name'],
        ['Firma', 'companyName'],
      ],
    });
    expect(contacts.counts).toMatchObject({ created: 2 });
    expect(await statesOf(principal.workspaceId, 'company')).toHaveLength(1);
  });

  test('companies fill those that a name made before, and parents may come later in the file', async () => {
    const { principal, imports } = await bench();
    await importCsv(imports, principal, file, { type: 'deals', mapping: deals });
    const accounts =
      'account,sector,office,parent\nAcme,hardware,Oslo,Globex\nInitech,software,Bonn,\nGlobex,retail,Rome,\n';
    const mapping = mappingOf({
      fields: { name: 'account', industry: 'sector', address: 'office', parentName: 'parent' },
    });
    const first = await importCsv(imports, principal, accounts, { type: 'companies', mapping });
    expect(first.verdicts.map(({ verdict }) => verdict)).toEqual(['updated', 'created', 'updated']);
    const head = await headOf(principal.workspaceId);
    const again = await importCsv(imports, principal, accounts, { type: 'companies', mapping });
    expect(again.counts).toMatchObject({ unchanged: 3 });
    expect(await headOf(principal.workspaceId)).toBe(head);
    const companies = await statesOf(principal.workspaceId, 'company');
    expect(companies.map(({ name, industry }) => `${String(name)} ${String(industry)}`).toSorted()).toEqual([
      'Acme hardware',
      'Globex retail',
      'Initech software',
    ]);
  });

  test('activities are about records found by their name', async () => {
    const { principal, imports } = await bench();
    await importCsv(imports, principal, 'name\nZoë\n', { type: 'leads' });
    const content =
      'kind,aboutType,aboutName,body,createdAt,dueAt,completedAt,direction\n' +
      'note,lead,zoë,Nice talk,2024-01-02T10:00:00Z,,,\n' +
      'call,lead,Zoë,,2024-01-03,,,in\n' +
      'task,lead,Zoë,Send offer,2024-01-04,2024-01-10,2024-01-09,\n' +
      'note,lead,Nobody,x,,,,\n' +
      'fax,lead,Zoë,x,,,,\n';
    const { verdicts } = await importCsv(imports, principal, content, { type: 'activities' });
    expect(verdicts.map(({ verdict, code, column }) => [verdict, code, column])).toEqual([
      ['created', undefined, undefined],
      ['created', undefined, undefined],
      ['created', undefined, undefined],
      ['refused', 'unknown_stream', 'aboutName'],
      ['refused', 'invalid', 'kind'],
    ]);
    const activities = await statesOf(principal.workspaceId, 'activity');
    expect(activities.map(({ kind, status }) => [kind, status])).toEqual([
      ['note', 'logged'],
      ['call', 'logged'],
      ['task', 'completed'],
    ]);
  });
});

describe('a file that cannot be imported at all', () => {
  const mistakes = async (content: string, request: Parameters<typeof importCsv>[3]): Promise<string> => {
    const { principal, imports } = await bench();
    return importCsv(imports, principal, content, request).then(
      () => 'imported',
      (error: Error) => error.message,
    );
  };

  test('is refused in words', async () => {
    expect(await mistakes('', { type: 'leads' })).toContain('The file is empty');
    expect(await mistakes('a,a\n', { type: 'leads' })).toContain('"a" twice');
    expect(await mistakes('a,b\n1,2\n', { type: 'leads' })).toContain('No column is named like a field of leads');
    expect(await mistakes('a\n1\n', { type: 'leads', pairs: [['b', 'name']] })).toContain('no column "b"');
    expect(await mistakes('a\n1\n', { type: 'leads', pairs: [['a', 'colour']] })).toContain('no field "colour"');
    expect(
      await mistakes('a\n1\n', { type: 'deals', mapping: mappingOf({ type: 'leads', fields: { name: 'a' } }) }),
    ).toContain('for leads, not for deals');
    expect(
      await mistakes('a\n1\n', {
        type: 'deals',
        mapping: mappingOf({ pipeline, closedFrom: 'Won', fields: { name: 'a' } }),
      }),
    ).toContain('no open stage');
  });

  test('with a pipeline that breaks its rules ends as failed, with the reason', async () => {
    const { principal, imports } = await bench();
    const twoWins = { name: 'P', stages: [...pipeline.stages, { name: 'Won too', kind: 'won' }] };
    const mapping = mappingOf({ pipeline: twoWins, fields: { name: 'a' } });
    const { job } = await importCsv(imports, principal, 'a\n1\n', { type: 'deals', mapping });
    expect(job).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('pipeline of the mapping cannot be made'),
    });
  });
});

describe('a file with the names of our own fields', () => {
  test('has amounts in minor units, owners and teams by id, and is told what it had in vain', async () => {
    const { principal, imports, push } = await bench();
    const team = uuidv7();
    await push.events(principal, [proposed(principal, 'TeamCreated', team, { name: 'North' })]);
    const content =
      'name,amountMinor,currency,ownerId,teamId,email,shoe size\n' +
      `Ada,1999,EUR,${principal.userId},${team},ada@example.com,38\n` +
      `Bob,-1,EUR,${principal.userId},${team},,\n` +
      `Eve,1,EUR,${uuidv7()},${team},,\n` +
      'Zoe,,,,,,\n';
    const { job, verdicts } = await importCsv(imports, principal, content, { type: 'leads' });
    expect(job.ignoredColumns).toEqual(['shoe size']);
    expect(verdicts).toMatchObject([
      { verdict: 'created' },
      { verdict: 'refused', code: 'invalid', column: 'amountMinor' },
      { verdict: 'refused', column: 'ownerId' },
      { verdict: 'created' },
    ]);
    expect(await statesOf(principal.workspaceId, 'lead')).toMatchObject([
      {
        amountMinor: 1999,
        currency: 'EUR',
        ownerId: principal.userId,
        teamId: team,
        emails: [{ value: 'ada@example.com' }],
      },
      { amountMinor: null, ownerId: null, teamId: null },
    ]);
  });

  test('has deals with amounts in minor units', async () => {
    const { principal, imports } = await bench();
    await importCsv(imports, principal, 'name,amountMinor,currency\nEngine,500,JPY\n', { type: 'deals' });
    expect(await statesOf(principal.workspaceId, 'deal')).toMatchObject([{ amountMinor: 500, currency: 'JPY' }]);
  });
});
