import { v7 as uuidv7 } from 'uuid';
import { formatClock } from '../../src/shared/base/hybrid-clock.ts';
import type { Uuid } from '../../src/shared/base/ids.ts';
import { definitionOf } from '../../src/shared/contract/events/registry.ts';
import type { BenchServer } from '../bench/bench-server.ts';
import { runChild } from '../bench/child.ts';
import { call, post } from '../bench/call.ts';
import { openSession, type Session } from '../bench/session.ts';
import { type Happening, sellerLife } from './sales-life.ts';

const SELLERS = 20;
const TEAMS = 5;
const COMPANIES = 500;
const WEEK_MS = 7 * 86_400_000;
const WEEKS = 104;
const PER_REQUEST = 1000;
const AT_ONCE = 4;

export interface Sellers {
  readonly admin: Session;
  /** The first is the one whose restricted sight is measured. */
  readonly sellers: readonly Session[];
  readonly teams: readonly Uuid[];
}

const addSellers = async (server: BenchServer): Promise<Sellers> => {
  const admin = await openSession(server, server.credentials);
  const token = await admin.token();
  const teams: Uuid[] = [];
  for (let n = 0; n < TEAMS; n += 1) {
    const team = await call<{ id: Uuid }>(server, '/teams', post({ name: `Team ${n + 1}` }), token);
    teams.push(team.id);
  }
  const sellers: Session[] = [];
  for (let n = 0; n < SELLERS; n += 1) {
    const person = { email: `seller${n}@bench.example`, password: 'another long pass phrase' };
    const teamId = teams[n % TEAMS];
    await call(server, '/users', post({ ...person, name: `Seller ${n + 1}`, role: 'rep', teamId }), token);
    sellers.push(await openSession(server, person));
  }
  return { admin, sellers, teams };
};

/** Sends what happened to somebody's phone, each event based on the one before it in its stream. */
const createPhone = (server: BenchServer, { token, deviceId }: Session) => {
  const versions = new Map<Uuid, number>();
  const envelope = ({ atMs, type, id, data }: Happening, counter: number) => {
    const basedOn = versions.get(id) ?? 0;
    versions.set(id, basedOn + 1);
    const at = formatClock({ time: Math.floor(atMs), counter: counter % 10_000, device: deviceId });
    return { id: uuidv7(), type, schemaVersion: 1, stream: { type: definitionOf(type).stream, id }, basedOn, at, data };
  };
  return async (happenings: readonly Happening[]): Promise<void> => {
    for (let from = 0; from < happenings.length; from += PER_REQUEST) {
      const events = happenings.slice(from, from + PER_REQUEST).map(envelope);
      const body = post({ protocol: 1, events });
      const { results } = await call<{ results: { status: string }[] }>(server, '/sync', body, await token());
      const refused = results.find(({ status }) => status !== 'accepted' && status !== 'merged');
      if (refused !== undefined) throw new Error(`the seed was refused: ${JSON.stringify(refused)}`);
    }
  };
};

const addCompanies = async (server: BenchServer, admin: Session): Promise<Uuid[]> => {
  const companies = Array.from({ length: COMPANIES }, () => uuidv7());
  const atMs = Date.now() - WEEKS * WEEK_MS - 60_000;
  await createPhone(
    server,
    admin,
  )(companies.map((id, n) => ({ atMs, type: 'CompanyCreated', id, data: { name: `Company ${n}` } })));
  return companies;
};

/** The head that the log had at the end of a week. */
interface WeekEnd {
  readonly position: number;
  readonly atMs: number;
}

/**
 * As if the events had been recorded at the end of the week in which they happened, which no server can be made to believe:
 * it goes by its own clock. In the order of positions, a millisecond apart within a week.
 */
const recordWeekly = async ({ database, me }: BenchServer, weeks: readonly WeekEnd[]): Promise<void> => {
  for (const [index, { position, atMs }] of weeks.entries()) {
    const before = weeks[index - 1]?.position ?? 0;
    await database.owner.query(
      `update event set recorded_at = to_timestamp($4::float8 / 1000) + make_interval(secs => (position - $2) / 1000.0)
        where workspace_id = $1 and position > $2 and position <= $3`,
      [me.workspace.id, before, position, atMs],
    );
  }
  await database.owner.query('vacuum (full, analyze) event');
};

export interface Seeded extends Sellers {
  readonly events: number;
  readonly deals: number;
}

/** Two years of twenty sellers, pushed week by week; the read models then are rebuilt from what was recorded when. */
export const seedSales = async (server: BenchServer, wanted: { events: number; deals: number }): Promise<Seeded> => {
  const { admin, sellers, teams } = await addSellers(server);
  const companies = await addCompanies(server, admin);
  const toMs = Date.now() - 60_000;
  const fromMs = toMs - WEEKS * WEEK_MS;
  const lives = sellers.map((seller, seed) => ({
    push: createPhone(server, seller),
    life: sellerLife({
      seed: seed + 1,
      deals: wanted.deals / SELLERS,
      events: wanted.events / SELLERS,
      openStages: server.openStages,
      companies,
      fromMs,
      toMs,
    }),
    sent: 0,
  }));
  const { head } = await server.sync({ cursor: null, limit: 1 });
  const weeks: WeekEnd[] = [{ position: head, atMs: fromMs }];
  for (let week = 1; week <= WEEKS; week += 1) {
    const atMs = fromMs + week * WEEK_MS;
    const pushWeek = async (lane: (typeof lives)[number]): Promise<void> => {
      let end = lane.sent;
      while ((lane.life[end]?.atMs ?? Infinity) < atMs) end += 1;
      await lane.push(lane.life.slice(lane.sent, end));
      lane.sent = end;
    };
    for (let at = 0; at < lives.length; at += AT_ONCE) await Promise.all(lives.slice(at, at + AT_ONCE).map(pushWeek));
    weeks.push({ position: (await server.sync({ cursor: null, limit: 1 })).head, atMs });
    if (week % 13 === 0) process.stderr.write(`week ${week} of ${WEEKS}: ${weeks.at(-1)?.position} events\n`);
  }
  await server.projected();
  await recordWeekly(server, weeks);
  await runChild('./rebuild-child.ts', { url: server.database.url });
  await server.database.owner.query('vacuum analyze');
  return { admin, sellers, teams, events: weeks.at(-1)?.position ?? 0, deals: wanted.deals };
};
