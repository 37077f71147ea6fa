import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BenchServer } from './bench-server.ts';
import type { Load } from './generator.ts';
import { OK_PUSH, runLoad } from './load.ts';
import { WARM_UP_SECONDS, type Bench } from './row.ts';

const CONNECTIONS = 128;
const PUSHES_PER_SECOND_MAX = 8000;
const VALIDATIONS_PER_SECOND_MAX = 25_000;

const loadOf = ({ port, me, openStages }: BenchServer, seconds: number, perSecond: number): Load => ({
  port,
  path: '/api/sync',
  token: me.accessToken,
  connections: CONNECTIONS,
  warmUpSeconds: WARM_UP_SECONDS,
  seconds,
  bodies: { deviceId: me.deviceId, openStages, perRequest: 1, requests: perSecond * (seconds + WARM_UP_SECONDS) },
  ...OK_PUSH,
});

export const pushSingle: Bench = async (server, { seconds }) => {
  const load = await runLoad(loadOf(server, seconds, PUSHES_PER_SECOND_MAX));
  await server.projected();
  const bare = await validateOnly(loadOf(server, seconds, VALIDATIONS_PER_SECOND_MAX));
  return {
    name: `push, 1 event a request, ${CONNECTIONS} connections`,
    figure: { value: load.requests / load.seconds, unit: 'requests/s', what: 'pushed, read models following' },
    yardstick: { value: bare.requests / bare.seconds, unit: 'requests/s', what: 'parsed and validated only' },
    bar: 0.35,
    goal: 0.6,
    notes: [
      `p50 ${load.p50Ms.toFixed(1)} ms, p99 ${load.p99Ms.toFixed(1)} ms`,
      ...(load.ranOut ? ['requests ran out'] : []),
    ],
  };
};

const validateOnly = async (load: Load) => {
  const script = fileURLToPath(new URL('./validate-only.ts', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return await runLoad({ ...load, port: Number(line) });
  } finally {
    child.kill();
  }
};
