import { v7 as uuidv7 } from 'uuid';
import type { SignedIn } from '../../src/shared/contract/identity.ts';
import { postJson, signUp, type TestApp } from './app.ts';
import { caller, newAddress } from './people.ts';
import type { Json } from './rest.ts';

export interface FullWorkspace {
  readonly me: SignedIn;
  /** Of one record of each kind, by the segment of the path that names it: `leads`, `teams`, `imports` … */
  readonly ids: Readonly<Record<string, string>>;
  /** The cursor of an answer to its admin. */
  readonly cursor: string;
  /** Secrets that its admin was shown. */
  readonly secrets: readonly string[];
}

const QUARTER = { periodStart: '2026-01-01', periodEnd: '2026-04-01', amountMinor: 100, currency: 'EUR' };

const RECORDS = (word: string): Readonly<Record<string, object>> => ({
  leads: {
    name: `${word} lead`,
    companyName: `${word} gmbh`,
    source: word,
    emails: [{ value: `${word}@lead.example` }],
  },
  contacts: { name: `${word} contact`, title: word },
  companies: { name: `${word} company`, domain: `${word}.example` },
  deals: { name: `${word} deal`, source: word, amountMinor: 100, currency: 'EUR' },
  pipelines: {
    name: `${word} pipeline`,
    stages: [
      { name: `${word} stage`, kind: 'open', probabilityBp: 1000 },
      { name: `${word} won`, kind: 'won', probabilityBp: 10_000 },
      { name: `${word} lost`, kind: 'lost', probabilityBp: 0 },
    ],
  },
  'exchange-rates': { base: 'EUR', quote: 'USD', rate: '1.0825', asOf: '2026-01-01', source: word },
  quotas: { ...QUARTER },
  forecasts: { ...QUARTER, note: word },
  teams: { name: `${word} team` },
  users: { name: `${word} user`, email: newAddress(), role: 'rep' },
  'api-keys': { name: `${word} key`, role: 'rep' },
});

/** A workspace with a record of every kind, every text of which holds the word. */
export const fullWorkspace = async (server: TestApp, word: string): Promise<FullWorkspace> => {
  const me = await signUp(server.app, {
    workspaceName: `${word} inc`,
    name: `${word} admin`,
    device: { id: uuidv7(), name: word },
  });
  const call = caller(server, me.accessToken);
  const ids: Record<string, string> = { devices: me.deviceId };
  const secrets: string[] = [me.accessToken, me.refreshToken];
  for (const [path, body] of Object.entries(RECORDS(word))) {
    const answer = await call('POST', `/api/${path}`, body);
    const made = answer.json<Json>();
    if (answer.statusCode >= 300) continue;
    ids[path] = String(made['id']);
    for (const secret of [made['key'], (made['invitation'] as Json | undefined)?.['token']]) {
      if (typeof secret === 'string') secrets.push(secret);
    }
  }
  const note = {
    kind: 'task',
    subject: `${word} task`,
    dueAt: '2027-01-01T00:00:00.000Z',
    about: { type: 'lead', id: ids['leads'] },
  };
  const activity = await call('POST', '/api/activities', note);
  if (activity.statusCode < 300) ids['activities'] = String(activity.json<Json>()['id']);
  ids['imports'] = await importOne(server, me, word);
  const pulled = (await postJson(server.app, '/api/sync', { protocol: 1, cursor: null }, me.accessToken)).json<Json>();
  return { me, ids, cursor: String(pulled['cursor']), secrets };
};

const importOne = async ({ app }: TestApp, { accessToken }: SignedIn, word: string): Promise<string> => {
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'text/csv' };
  const url = '/api/imports?type=companies&map=Name:name';
  const { payload } = await app.inject({ method: 'POST', url, headers, payload: `Name\n${word} imported\n` });
  return String((JSON.parse(payload) as Json)['id']);
};
