// A child process: sends prepared requests over raw sockets and tells what came back. Raw, because a client library costs
// more than the parsing it saves, and it runs on the cores that the server needs.
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Uuid } from '../../src/shared/base/ids.ts';
import { createEventSource } from './made-up-events.ts';

export interface Load {
  readonly port: number;
  readonly path: string;
  readonly token: string;
  readonly connections: number;
  /** Requests before the clock starts. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Ends earlier when so many requests were answered. */
  readonly requestsMax?: number;
  /** Bodies to send over and over, or events to make up. */
  readonly bodies:
    | readonly string[]
    | {
        readonly deviceId: Uuid;
        readonly openStages: readonly Uuid[];
        readonly perRequest: number;
        readonly requests: number;
      };
  /** What every answer must contain, and must not. */
  readonly expects: string;
  readonly refuses: string;
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Answers that were not as expected, and the first of them. */
  readonly failures: number;
  readonly firstFailure: string | null;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Prepared requests ran out before the time did. */
  readonly ranOut: boolean;
}

const serialised = (load: Load, body: string): Buffer =>
  Buffer.from(
    `POST ${load.path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${load.token}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

/** The requests of each connection: what it sends depends on nothing that another connection sends. */
const prepare = (load: Load): (() => Buffer | undefined)[] => {
  const { bodies, connections } = load;
  if (Array.isArray(bodies)) {
    const requests = (bodies as readonly string[]).map((body) => serialised(load, body));
    return Array.from({ length: connections }, (_, connection) => {
      let at = Math.floor((requests.length * connection) / connections);
      return () => requests[at++ % requests.length];
    });
  }
  const { deviceId, openStages, perRequest, requests } = bodies as Exclude<Load['bodies'], readonly string[]>;
  return Array.from({ length: connections }, () => {
    const source = createEventSource(deviceId, openStages, Date.now() - 60_000);
    const ready = Array.from({ length: Math.ceil(requests / connections) }, () => {
      const events = Array.from({ length: perRequest }, () => source.next());
      return serialised(load, JSON.stringify({ protocol: 1, events }));
    });
    let at = 0;
    return () => ready[at++];
  });
};

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.setNoDelay(true)));
    socket.once('error', reject);
  });

/** Reads answers with a Content-Length off a socket. */
const createExchange = (socket: Socket) => {
  let waiting: ((answer: Buffer) => void) | undefined;
  // Put together once: a page comes in dozens of chunks, and the cores are the server's.
  let received: Buffer[] = [];
  let size = 0;
  let needed = -1;
  let failed: Error | undefined;
  const fail = (error: Error) => {
    failed = error;
    waiting?.(Buffer.from(`HTTP/1.1 000 ${error.message}`));
  };
  socket.on('error', fail).on('close', () => fail(new Error('the connection was closed')));
  socket.on('data', (chunk) => {
    received.push(chunk);
    size += chunk.length;
    if (needed < 0) {
      const begun = received.length === 1 ? chunk : Buffer.concat(received);
      const end = begun.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = begun.toString('latin1', 0, end);
      needed = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    }
    if (size < needed) return;
    const answer = Buffer.concat(received, needed);
    received = [];
    size = 0;
    needed = -1;
    waiting?.(answer);
  });
  return (request: Buffer): Promise<Buffer> =>
    new Promise((resolve) => {
      if (failed !== undefined) return resolve(Buffer.from(`HTTP/1.1 000 ${failed.message}`));
      waiting = resolve;
      socket.write(request);
    });
};

/**
 * Why an answer is not as expected; undefined where it is. A request that was answered before is expected to be answered at
 * the same length: searching every page of a pull took a tenth of the cores that the server needs.
 */
const createCheck = ({ expects, refuses }: Load) => {
  const lengths = new WeakMap<Buffer, number>();
  return (request: Buffer, answer: Buffer): string | undefined => {
    if (lengths.get(request) === answer.length && answer.toString('latin1', 0, 12) === 'HTTP/1.1 200') return undefined;
    const told = answer.toString('latin1');
    if (!told.startsWith('HTTP/1.1 200') || !told.includes(expects) || told.includes(refuses))
      return told.slice(0, 1000);
    lengths.set(request, answer.length);
    return undefined;
  };
};

const run = async (load: Load): Promise<LoadResult> => {
  const requests = prepare(load);
  const check = createCheck(load);
  const sockets = await Promise.all(requests.map(() => open(load.port)));
  const latencies: number[] = [];
  let failures = 0;
  let firstFailure: string | null = null;
  let ranOut = false;
  const from = performance.now() + load.warmUpSeconds * 1000;
  const until = from + load.seconds * 1000;
  let last = from;

  const drive = async (next: () => Buffer | undefined, socket: Socket): Promise<void> => {
    const send = createExchange(socket);
    while (performance.now() < until && latencies.length < (load.requestsMax ?? Infinity)) {
      const request = next();
      if (request === undefined) {
        ranOut = true;
        return;
      }
      const begun = performance.now();
      const answer = await send(request);
      const ended = performance.now();
      const failure = check(request, answer);
      if (failure !== undefined) {
        failures += 1;
        firstFailure ??= failure;
        if (failure.startsWith('HTTP/1.1 000')) return;
      }
      if (ended < from || ended > until) continue;
      latencies.push(ended - begun);
      last = ended;
    }
  };
  await Promise.all(requests.map((next, index) => drive(next, sockets[index] as Socket)));
  for (const socket of sockets) socket.destroy();
  latencies.sort((a, b) => a - b);
  const at = (part: number) => latencies[Math.floor(latencies.length * part)] ?? 0;
  return {
    requests: latencies.length,
    seconds: (last - from) / 1000,
    failures,
    firstFailure,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    ranOut,
  };
};

if (import.meta.main) {
  const load = JSON.parse(await text(process.stdin)) as Load;
  process.stdout.write(JSON.stringify(await run(load)));
}
