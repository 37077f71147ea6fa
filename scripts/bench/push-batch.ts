import type { LoadResult } from './generator.ts';
import { notesOf, OK_PUSH, perSecond, runLoad, TURNS } from './load.ts';
import { insertRaw, type RawInsert } from './raw-insert.ts';
import { WARM_UP_SECONDS, type Bench } from './row.ts';

const PER_REQUEST = 100;
const CONNECTIONS = 16;
/** Requests are made before the clock starts; more than this per second nobody answers on such a machine. */
const REQUESTS_PER_SECOND_MAX = 350;

export const pushBatch: Bench = async (server, { seconds }) => {
  const { port, me, openStages } = server;
  const turn = Math.max(1, seconds / TURNS);
  const requests = Math.round(REQUESTS_PER_SECOND_MAX * (turn + WARM_UP_SECONDS));
  const pushed: LoadResult[] = [];
  const raw: RawInsert[] = [];
  for (let n = 0; n < TURNS; n += 1) {
    const load = await runLoad({
      port,
      path: '/api/sync',
      token: me.accessToken,
      connections: CONNECTIONS,
      warmUpSeconds: WARM_UP_SECONDS,
      seconds: turn,
      bodies: { deviceId: me.deviceId, openStages, perRequest: PER_REQUEST, requests },
      ...OK_PUSH,
    });
    pushed.push(load);
    await server.projected();
    raw.push(await insertRaw(server, Math.min(load.requests * PER_REQUEST, 70_000)));
  }
  return {
    name: `push, ${PER_REQUEST} events a request, ${CONNECTIONS} connections`,
    figure: { value: perSecond(pushed) * PER_REQUEST, unit: 'events/s', what: 'pushed, read models following' },
    yardstick: {
      value: sumOf(raw, 'rows') / sumOf(raw, 'seconds'),
      unit: 'events/s',
      what: 'the same rows inserted raw',
    },
    bar: 0.4,
    goal: 0.6,
    notes: notesOf(pushed),
  };
};

const sumOf = (all: readonly RawInsert[], what: keyof RawInsert): number =>
  all.reduce((sum, one) => sum + one[what], 0);
