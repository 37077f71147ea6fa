import { scopeId } from '../../src/server/access/scope-id.ts';
import type { Uuid } from '../../src/shared/base/ids.ts';
import type { SignedIn } from '../../src/shared/contract/identity.ts';
import type { BenchServer, SyncPage } from './bench-server.ts';
import { call, post } from './call.ts';
import { runLoad } from './load.ts';
import { readRawPages } from './raw-pages.ts';
import { WARM_UP_SECONDS, type Bench } from './row.ts';
import { seedEvents } from './seed.ts';

const PAGE = 500;
const CONNECTIONS = 4;
/** Owners that the records are spread over: the one who pulls sees one in so many. */
const OWNERS = 100;
const BYTES = 4 * 1024 * 1024;

/** Pulls of somebody who sees 1 % of the log. */
export const pullRestricted: Bench = async (server, { seconds, events }) => {
  await seedEvents(server, events);
  const rep = await addRep(server);
  await spreadOwners(server, rep.user.id);
  const cursors = await readCursors(server, rep);
  if (cursors.length === 0) throw new Error('too few events for a full page: --events 150000 or more');
  const asked = { protocol: 1, limit: PAGE, bytes: BYTES, mode: 'events' };
  const load = await runLoad({
    port: server.port,
    path: '/api/sync',
    token: rep.accessToken,
    connections: CONNECTIONS,
    warmUpSeconds: WARM_UP_SECONDS,
    seconds,
    bodies: cursors.map(({ cursor }) => JSON.stringify({ ...asked, cursor })),
    expects: '"op":"event"',
    refuses: '"op":"leave"',
  });
  const scope = scopeId(null, rep.user.id);
  const pages = cursors.map(({ through }) => `scope_id = '${scope}' and position > ${through}`);
  const raw = await readRawPages(server, { pages, pageEvents: PAGE, seconds });
  return {
    name: `pull of ${PAGE} events a page by who sees 1 % of ${events.toLocaleString('en')}`,
    figure: { value: (load.requests * PAGE) / load.seconds, unit: 'events/s', what: 'pulled' },
    yardstick: { value: raw, unit: 'events/s', what: 'the same pages read raw as text, 1 connection' },
    bar: 0.35,
    goal: 0.5,
    notes: [`p50 ${load.p50Ms.toFixed(1)} ms, p99 ${load.p99Ms.toFixed(1)} ms a page`],
  };
};

const addRep = async (server: BenchServer): Promise<SignedIn> => {
  const person = { email: 'rep@bench.example', password: 'another long pass phrase' };
  const { accessToken } = server.me;
  await call(server, '/users', post({ ...person, name: 'Grace', role: 'rep' }), accessToken);
  await call(server, '/workspace', post({ sharing: 'owner' }, 'PATCH'), accessToken);
  return call<SignedIn>(server, '/auth/sign-in', post(person));
};

/** As if the records had been made by a hundred people, without the hours that it takes to play them. */
const spreadOwners = async ({ database, me }: BenchServer, rep: Uuid): Promise<void> => {
  const owners = Array.from({ length: OWNERS }, (_, n) =>
    n === 0 ? rep : `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  );
  const scopes = owners.map((owner) => scopeId(null, owner));
  const own = scopeId(null, me.user.id);
  const values = [me.workspace.id, scopes, own, OWNERS];
  const place = 'mod(abs(hashtext(root_id::text)::bigint), $4) + 1';
  await database.owner.query(
    'insert into scope (workspace_id, scope_id, owner_id) select $1, s, o from unnest($2::uuid[], $3::uuid[]) x(s, o) on conflict do nothing',
    [me.workspace.id, scopes, owners],
  );
  for (const table of ['event', 'stream']) {
    await database.owner.query(
      `update ${table} set scope_id = ($2::uuid[])[${place}] where workspace_id = $1 and scope_id = $3`,
      values,
    );
    await database.owner.query(`vacuum analyze ${table}`);
  }
};

interface Place {
  readonly cursor: string;
  readonly through: number;
}

/** A cursor before each full page. */
const readCursors = async (server: BenchServer, { accessToken }: SignedIn): Promise<Place[]> => {
  const places: Place[] = [];
  let cursor: string | null = null;
  let through = 0;
  for (;;) {
    const request = post({ protocol: 1, cursor, limit: PAGE, bytes: BYTES, mode: 'events' });
    const page: SyncPage & { through: number } = await call(server, '/sync', request, accessToken);
    if (cursor !== null && page.ops.length === PAGE) places.push({ cursor, through });
    if (page.upToDate) return places;
    ({ cursor, through } = page);
  }
};
