import { OK_PUSH, runLoad } from './load.ts';
import { insertRaw } from './raw-insert.ts';
import { WARM_UP_SECONDS, type Bench } from './row.ts';

const PER_REQUEST = 100;
const CONNECTIONS = 16;
/** Requests are made before the clock starts; more than this per second nobody answers on such a machine. */
const REQUESTS_PER_SECOND_MAX = 350;

export const pushBatch: Bench = async (server, { seconds }) => {
  const { port, me, openStages } = server;
  const requests = REQUESTS_PER_SECOND_MAX * (seconds + WARM_UP_SECONDS);
  const load = await runLoad({
    port,
    path: '/api/sync',
    token: me.accessToken,
    connections: CONNECTIONS,
    warmUpSeconds: WARM_UP_SECONDS,
    seconds,
    bodies: { deviceId: me.deviceId, openStages, perRequest: PER_REQUEST, requests },
    ...OK_PUSH,
  });
  await server.projected();
  const events = load.requests * PER_REQUEST;
  const raw = await insertRaw(server, Math.min(events, 200_000));
  return {
    name: `push, ${PER_REQUEST} events a request, ${CONNECTIONS} connections`,
    figure: { value: events / load.seconds, unit: 'events/s', what: 'pushed, read models following' },
    yardstick: { value: raw.rows / raw.seconds, unit: 'events/s', what: 'the same rows inserted raw' },
    bar: 0.4,
    goal: 0.6,
    notes: [
      `p50 ${load.p50Ms.toFixed(1)} ms, p99 ${load.p99Ms.toFixed(1)} ms`,
      ...(load.ranOut ? ['requests ran out'] : []),
    ],
  };
};
