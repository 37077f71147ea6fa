import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { attachOrStart } from '../../src/server/database/embedded/start.ts';
import { openDatabase, type Database } from '../../src/server/database/pool.ts';
import type { Uuid } from '../../src/shared/base/ids.ts';
import type { SignedIn } from '../../src/shared/contract/identity.ts';
import type { Credentials } from './session.ts';

/** A server as `npm start` runs it, on a data folder of its own, with somebody signed in. */
export interface BenchServer extends AsyncDisposable {
  readonly port: number;
  readonly database: Database;
  readonly me: SignedIn;
  /** What `me` signed up with. */
  readonly credentials: Credentials;
  /** Of the default pipeline, in order. */
  readonly openStages: readonly Uuid[];
  /** The answer's JSON. */
  readonly sync: (body: object) => Promise<SyncPage>;
  /** Waits until the read models have everything. */
  readonly projected: () => Promise<void>;
}

export interface SyncPage {
  readonly head: number;
  readonly cursor: string;
  readonly upToDate: boolean;
  readonly ops: readonly {
    readonly op: string;
    readonly stream: { type: string };
    readonly state: Record<string, unknown>;
  }[];
}

const START_MS = 60_000;
/** As in package.json: with room for what a few answers leave behind, pulls were 15 % faster than with half of it. */
const FLAGS = ['--max-semi-space-size=32'];

const startProcess = async (folder: string): Promise<{ server: ChildProcess; port: number }> => {
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  const env = { ...process.env, PORT: '0', LEADZEN_DATA_DIR: folder, LOG_LEVEL: 'warn', RATE_LIMIT: 'off' };
  const server = spawn(process.execPath, [...FLAGS, main, 'serve'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const port = new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the server did not start in time')), START_MS);
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    createInterface({ input: server.stdout }).on('line', (line) => {
      const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(Number(found));
    });
  });
  return { server, port: await port };
};

const post = async <Answer>(url: string, body: object, token?: string): Promise<Answer> => {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { 'content-type': 'application/json', ...authorization };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
};

export const startBenchServer = async (): Promise<BenchServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'leadzen-bench-'));
  const { server, port } = await startProcess(folder);
  const database = openDatabase((await attachOrStart(folder)).url);
  const base = `http://127.0.0.1:${port}/api`;
  const person = { workspaceName: 'Bench', name: 'Ada', email: 'ada@bench.example', password: 'a long pass phrase' };
  const me = await post<SignedIn>(`${base}/auth/sign-up`, person);
  const sync = (body: object) => post<SyncPage>(`${base}/sync`, { protocol: 1, ...body }, me.accessToken);
  const openStages = await findOpenStages(sync);
  const projected = () => waitForProjections(database, me.workspace.id);
  const dispose = async () => {
    await database.close();
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const { email, password } = person;
  return {
    port,
    database,
    me,
    credentials: { email, password },
    openStages,
    sync,
    projected,
    [Symbol.asyncDispose]: dispose,
  };
};

const findOpenStages = async (sync: BenchServer['sync']): Promise<Uuid[]> => {
  const { ops } = await sync({ cursor: null });
  const pipeline = ops.find(({ stream }) => stream.type === 'pipeline');
  const stages = (pipeline?.state['stages'] ?? []) as readonly { id: Uuid; kind: string }[];
  return stages.filter(({ kind }) => kind === 'open').map(({ id }) => id);
};

const waitForProjections = async ({ projector }: Database, workspaceId: Uuid): Promise<void> => {
  const { positionOf } = await import('../../src/server/projector/progress.ts');
  const { rows } = await projector.query<{ head: number }>('select head from workspace where workspace_id = $1', [
    workspaceId,
  ]);
  while ((await positionOf(projector, workspaceId)) < (rows[0]?.head ?? 0))
    await new Promise((resolve) => setTimeout(resolve, 200));
};
