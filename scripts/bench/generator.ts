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
  let waiting: ((answer: string) => void) | undefined;
  let received = Buffer.alloc(0);
  let needed = -1;
  let failed: Error | undefined;
  const fail = (error: Error) => {
    failed = error;
    waiting?.(`HTTP/1.1 000 ${error.message}`);
  };
  socket.on('error', fail).on('close', () => fail(new Error('the connection was closed')));
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    if (needed < 0) {
      const end = received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = received.toString('latin1', 0, end);
      needed = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    }
    if (received.length < needed) return;
    const answer = received.toString('latin1', 0, needed);
    received = Buffer.alloc(0);
    needed = -1;
    waiting?.(answer);
  });
  return (request: Buffer): Promise<string> =>
    new Promise((resolve) => {
      if (failed !== undefined) return resolve(`HTTP/1.1 000 ${failed.message}`);
      waiting = resolve;
      socket.write(request);
    });
};

const run = async (load: Load): Promise<LoadResult> => {
  const requests = prepare(load);
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
      if (!answer.startsWith('HTTP/1.1 200') || !answer.includes(load.expects) || answer.includes(load.refuses)) {
        failures += 1;
        firstFailure ??= answer.slice(0, 1000);
        if (answer.startsWith('HTTP/1.1 000')) return;
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
