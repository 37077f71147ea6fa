import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProjector, type Projector } from '../../../src/server/projector/run.ts';
import { openTestApp, postJson, type TestApp } from '../../support/app.ts';
import { fullWorkspace, type FullWorkspace } from '../../support/full-workspace.ts';
import { sampled, type Schema } from '../../support/sampled.ts';
import type { Json } from '../../support/rest.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema: Schema;
}
interface Route {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
}

const METHODS = new Set(['get', 'post', 'patch', 'put', 'delete']);
const CANARY = 'kanarienvogel';

let server: TestApp;
let projector: Projector;
let mine: FullWorkspace;
let theirs: FullWorkspace;
let routes: Route[];

// What the running app says of itself: a route that somebody adds tomorrow is walked, too.
const readRoutes = async (): Promise<Route[]> => {
  const { paths } = (await server.app.inject('/openapi.json')).json<{ paths: Json }>();
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations as Record<string, Json>).flatMap(([method, operation]) => {
      if (!METHODS.has(method)) return [];
      const body = operation['requestBody']?.content?.['application/json']?.schema as Schema | undefined;
      return [{ method, path, parameters: (operation['parameters'] ?? []) as Parameter[], body }];
    }),
  );
};

beforeAll(async () => {
  server = await openTestApp();
  const complain = (details: object, message: string) =>
    process.stderr.write(`${message} ${JSON.stringify(details)}\n`);
  const log = { info: () => {}, warn: complain, error: complain };
  projector = await startProjector({ database: server.test.database, wake: server.wake, log });
  mine = await fullWorkspace(server, 'meisenvogel');
  theirs = await fullWorkspace(server, CANARY);
  await projector.idle();
  routes = await readRoutes();
});
afterAll(async () => {
  await projector.stop();
  await server[Symbol.asyncDispose]();
});

/** The id that belongs into a path: of the kind that the segment in front of it names. */
const pathWith = (path: string, ids: Readonly<Record<string, string>>, other: string): string =>
  path.replaceAll(/([\w-]+)\/\{(\w+)\}/g, (_, kind: string) => `${kind}/${ids[kind] ?? other}`);

const send = async (route: Route, url: string, id: string) => {
  const queryOf = (names: readonly Parameter[]) =>
    new URLSearchParams(
      names.map(({ name, schema }): [string, string] => [name, String(sampled(schema, id))]),
    ).toString();
  const ids = route.parameters.filter(({ in: where, name }) => where === 'query' && /Id$|^id$/.test(name));
  const query = ids.length === 0 ? '' : `?${queryOf(ids)}`;
  const payload = route.body === undefined ? undefined : JSON.stringify(sampled(route.body, id));
  const answer = await server.app.inject({
    method: route.method.toUpperCase() as 'POST',
    url: url + query,
    headers: {
      authorization: `Bearer ${mine.me.accessToken}`,
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(payload === undefined ? {} : { payload }),
  });
  return { answer, sent: url + query + (payload ?? '') };
};

/** Every word, id and secret of the other workspace that an answer holds; what was sent may come back. */
const leaksOf = (text: string, sent: string): string[] =>
  [
    CANARY,
    theirs.me.workspace.id,
    theirs.me.user.id,
    theirs.cursor,
    ...theirs.secrets,
    ...Object.values(theirs.ids),
  ].filter((secret) => text.includes(secret) && !sent.includes(secret));

const textOf = (answer: { headers: object; payload: string }): string =>
  `${JSON.stringify(answer.headers)}\n${answer.payload}`;

/** Ends the session that the walk goes on with. */
const isLast = ({ path }: Route): boolean => path.endsWith('/sign-out');
const inOrder = (): Route[] => [...routes.filter((route) => !isLast(route)), ...routes.filter(isLast)];

const stateOf = async (workspaceId: string): Promise<string> => {
  const { owner } = server.test.database;
  const sql = `select md5(string_agg(t::text, '|' order by t::text)) as sum from`;
  const parts = [
    'event',
    'stream',
    'device',
    'session',
    'login',
    'invitation',
    'api_key',
    'import_job',
    'request_key',
  ].map(async (table) => {
    // Sessions and devices note when they were last used.
    const { rows } = await owner.query<Json>(
      `${sql} (select to_jsonb(x) - 'last_used_at' - 'last_seen_at' - 'confirmed_counter' from ${table} x where workspace_id = $1) t`,
      [workspaceId],
    );
    return `${table} ${rows[0]?.['sum']}`;
  });
  return (await Promise.all(parts)).join('\n');
};

describe('two workspaces full of data', () => {
  test('hold a record of every kind that a path can name', () => {
    const kinds = new Set(
      routes.flatMap(({ path }) => [...path.matchAll(/([\w-]+)\/\{\w+\}/g)].map(([, kind]) => kind)),
    );
    // Members are users; the others exist only where people disagreed or shared, which the ids of the rest stand in for.
    const others = new Set(['members', 'conflicts', 'shares']);
    for (const { ids } of [mine, theirs]) {
      expect([...kinds].filter((kind) => kind !== undefined && !others.has(kind) && ids[kind] === undefined)).toEqual(
        [],
      );
    }
  });

  test('can be read, each by its own people: the walk would notice what it looks for', async () => {
    let read = 0;
    for (const route of routes.filter(({ method }) => method === 'get')) {
      const url = pathWith(route.path, mine.ids, mine.me.user.id);
      const { answer, sent } = await send({ ...route, parameters: [] }, url, mine.me.user.id);
      if (answer.statusCode === 200 && answer.payload.includes('meisenvogel')) read += 1;
      expect({ url, leaks: leaksOf(textOf(answer), sent) }).toEqual({ url, leaks: [] });
    }
    expect(read).toBeGreaterThan(25);
    expect(leaksOf(`x ${CANARY} ${theirs.me.user.id}`, '')).toHaveLength(2);
  });

  test('never give a byte of one to the other, on any route, whatever ids are sent', async () => {
    const before = await stateOf(theirs.me.workspace.id);
    const leaks: string[] = [];
    let answered = 0;
    for (const route of inOrder()) {
      const foreign = [theirs.me.user.id, ...Object.values(theirs.ids)];
      // Each route gets the record that its path means, and its body every one of them.
      for (const id of route.body === undefined ? foreign.slice(0, 1) : foreign) {
        const { answer, sent } = await send(route, pathWith(route.path, theirs.ids, id), id);
        answered += 1;
        if (answer.statusCode >= 500) leaks.push(`${route.method} ${route.path}: ${answer.statusCode}`);
        leaks.push(...leaksOf(textOf(answer), sent).map((leak) => `${route.method} ${route.path}: ${leak}`));
        if (isLast(route)) break;
      }
    }
    expect(leaks).toEqual([]);
    expect(answered).toBeGreaterThan(150);
    expect(await stateOf(theirs.me.workspace.id)).toBe(before);
    mine = { ...mine, me: await signInAgain() };
  });

  const signInAgain = async () =>
    (
      await postJson(server.app, '/api/auth/sign-in', { email: mine.me.user.email, password: 'correct horse battery' })
    ).json<FullWorkspace['me']>();

  test('answer for a record of the other as for one that does not exist', async () => {
    for (const route of routes.filter(({ path }) => path.includes('{'))) {
      if (route.path.includes('/wiped')) continue;
      const [one, none] = [
        await send(route, pathWith(route.path, theirs.ids, theirs.me.user.id), uuidv7()),
        await send(route, pathWith(route.path, {}, uuidv7()), uuidv7()),
      ];
      const what = ({ answer }: typeof one) => {
        const body: Json = answer.payload === '' ? {} : answer.json<Json>();
        return {
          route: `${route.method} ${route.path}`,
          status: answer.statusCode,
          code: body['code'],
          detail: body['detail'],
        };
      };
      expect(what(one)).toEqual(what(none));
      expect(one.answer.statusCode).toBeGreaterThanOrEqual(400);
    }
  });

  test('do not share cursors, marks or tokens', async () => {
    const with_ = (body: object) => postJson(server.app, '/api/sync', { protocol: 1, ...body }, mine.me.accessToken);
    expect((await with_({ cursor: theirs.cursor })).json()).toMatchObject({ status: 400, code: 'cursor_invalid' });
    const wanted = await with_({ cursor: null, want: [{ type: 'lead', id: theirs.ids['leads'] }], limit: 5000 });
    expect(wanted.json<Json>()['ops'][0]).toEqual({ op: 'leave', stream: { type: 'lead', id: theirs.ids['leads'] } });
    expect(leaksOf(wanted.payload, String(theirs.ids['leads']))).toEqual([]);
  });

  test('may use the same event ids, and neither learns of it', async () => {
    const id = uuidv7();
    const streamId = uuidv7();
    const event = ({ me }: FullWorkspace, name: string) => ({
      id,
      type: 'LeadCreated',
      schemaVersion: 1,
      stream: { type: 'lead', id: streamId },
      basedOn: 0,
      at: `2026-11-22T10:00:00.000Z-0001-${me.deviceId}`,
      data: { name },
    });
    const push = async (workspace: FullWorkspace, name: string) =>
      (
        await postJson(
          server.app,
          '/api/sync',
          { protocol: 1, events: [event(workspace, name)] },
          workspace.me.accessToken,
        )
      ).json<Json>();
    expect((await push(theirs, `${CANARY} same`))['results'][0]).toMatchObject({ status: 'accepted' });
    expect((await push(mine, 'other'))['results'][0]).toMatchObject({ status: 'accepted' });
  });
});
