import { v7 as uuidv7 } from 'uuid';
import { expect, test } from 'vitest';
import { openTestDatabase } from './support/database.ts';
import { startServerProcess } from './support/server-process.ts';
import { proposed } from './support/workspace.ts';

const WRITERS = 32;
const ROUNDS = 8;

interface SignedUp {
  readonly accessToken: string;
  readonly deviceId: string;
}
interface Answer {
  readonly head: number;
  readonly cursor: string;
  readonly through: number;
  readonly upToDate: boolean;
  readonly results: readonly { readonly status: string; readonly position: number }[];
  readonly ops: readonly { readonly position: number; readonly recordedAt: string }[];
}

const post = async <T>(address: string, path: string, body: object, token = ''): Promise<T> => {
  const response = await fetch(address + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json() as Promise<T>;
};

test(
  '32 writers on two server processes: no reader of either ever sees a hole or a step back',
  { timeout: 120_000 },
  async () => {
    await using database = await openTestDatabase();
    await using one = await startServerProcess({ DATABASE_URL: database.url, LOG_LEVEL: 'fatal' });
    await using two = await startServerProcess({ DATABASE_URL: database.url, LOG_LEVEL: 'fatal' });
    const servers = [one.address, two.address] as const;
    const signUp = { workspaceName: 'Acme', name: 'Ada', email: 'ada@example.com', password: 'a long pass phrase' };
    const { accessToken, deviceId } = await post<SignedUp>(one.address, '/api/auth/sign-up', signUp);
    const sync = (address: string, body: object) =>
      post<Answer>(address, '/api/sync', { protocol: 1, ...body }, accessToken);

    let finished = false;
    const writer = async (n: number): Promise<number[]> => {
      const positions: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const lead = proposed({ deviceId }, 'LeadCreated', uuidv7(), { name: `Lead ${n}.${round}` });
        const change = proposed({ deviceId }, 'LeadStatusChanged', lead.stream.id, { status: 'contacted' });
        const { results } = await sync(servers[(n + round) % 2] as string, { events: [lead, change] });
        expect(results.map(({ status }) => status)).toEqual(['accepted', 'accepted']);
        positions.push(...results.map(({ position }) => position));
      }
      return positions;
    };
    /** Follows the log page by page, on both servers in turn; each page must go on where the last one ended. */
    const reader = async (n: number): Promise<number> => {
      let [cursor, position, recordedAt, pages] = [null as string | null, 0, '', 0];
      for (let ending = false; ; pages += 1) {
        const address = servers[(n + pages) % 2] as string;
        const page: Answer = await sync(address, { cursor, mode: 'events', limit: 40 });
        for (const op of page.ops) {
          expect(op.position).toBe((position += 1));
          expect(op.recordedAt >= recordedAt).toBe(true);
          recordedAt = op.recordedAt;
        }
        expect(page.through).toBe(position);
        expect(page.head).toBeGreaterThanOrEqual(position);
        cursor = page.cursor;
        if (ending && page.upToDate) return position;
        ending = finished;
      }
    };
    const writers = Promise.all(Array.from({ length: WRITERS }, (_, n) => writer(n))).finally(() => (finished = true));
    const readers = Promise.all(Array.from({ length: 4 }, (_, n) => reader(n)));
    const taken = (await writers).flat().toSorted((a, b) => a - b);
    const total = 4 + WRITERS * ROUNDS * 2;
    expect(taken).toEqual(Array.from({ length: total - 4 }, (_, index) => index + 5));
    expect(await readers).toEqual([total, total, total, total]);
  },
);
