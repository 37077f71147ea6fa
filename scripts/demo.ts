// npm run demo -- [--port <n>]
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { startDemo } from './demo/start-demo.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

// Heard from the beginning: a demo that is stopped while it starts leaves nothing behind either.
const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
const { values } = parseArgs({ options: { port: { type: 'string', default: '4173' } } });
say('Starting PostgreSQL and the server, and building the page …');
await using demo = await startDemo({ port: Number(values.port) });
say(`
The LeadZen demo is ready: two phones, and the server's log between them.

  open     ${demo.address}

Ctrl-C stops it and leaves nothing behind.
`);
await stopped;
