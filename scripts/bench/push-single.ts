import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { BenchServer } from './bench-server.ts';
import type { Load, LoadResult } from './generator.ts';
import { notesOf, OK_PUSH, perSecond, runLoad, TURNS } from './load.ts';
import { WARM_UP_SECONDS, type Bench } from './row.ts';

const CONNECTIONS = 128;
const PUSHES_PER_SECOND_MAX = 8000;
const VALIDATIONS_PER_SECOND_MAX = 25_000;

const loadOf = ({ port, me, openStages }: BenchServer, seconds: number, atMost: number): Load => ({
  port,
  path: '/api/sync',
  token: me.accessToken,
  connections: CONNECTIONS,
  warmUpSeconds: WARM_UP_SECONDS,
  seconds,
  bodies: { deviceId: me.deviceId, openStages, perRequest: 1, requests: atMost * (seconds + WARM_UP_SECONDS) },
  ...OK_PUSH,
});

export const pushSingle: Bench = async (server, { seconds }) => {
  const pushed: LoadResult[] = [];
  const bare: LoadResult[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    pushed.push(await runLoad(loadOf(server, seconds / TURNS, PUSHES_PER_SECOND_MAX)));
    await server.projected();
    bare.push(await validateOnly(loadOf(server, seconds / TURNS, VALIDATIONS_PER_SECOND_MAX)));
  }
  return {
    name: `push, 1 event a request, ${CONNECTIONS} connections`,
    figure: { value: perSecond(pushed), unit: 'requests/s', what: 'pushed, read models following' },
    yardstick: { value: perSecond(bare), unit: 'requests/s', what: 'parsed and validated only' },
    bar: 0.35,
    goal: 0.6,
    notes: notesOf(pushed),
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
