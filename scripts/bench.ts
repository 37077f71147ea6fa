// npm run bench -- [--only <row>] [--seconds <n>] [--events <n>] [--full]
import { parseArgs } from 'node:util';
import { startBenchServer } from './bench/bench-server.ts';
import { pull } from './bench/pull.ts';
import { pullRestricted } from './bench/pull-restricted.ts';
import { pushBatch } from './bench/push-batch.ts';
import { pushSingle } from './bench/push-single.ts';
import { rebuildAll } from './bench/rebuild.ts';
import { describeMachine, describeRows, ratioOf } from './bench/report.ts';
import type { Bench, BenchRow } from './bench/row.ts';

const BENCHES: Readonly<Record<string, Bench>> = {
  'push-batch': pushBatch,
  'push-single': pushSingle,
  pull,
  'pull-restricted': pullRestricted,
  rebuild: rebuildAll,
};

const USAGE = `npm run bench -- [options]

  --only <row>     ${Object.keys(BENCHES).join(', ')}; may be repeated
  --seconds <n>    of load a row (10)
  --events <n>     in the log before a rebuild and a restricted pull (200000)
  --full           the same with 1000000

Exit code 1 when a bar was missed.`;

const readOptions = () => {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      seconds: { type: 'string', default: '10' },
      events: { type: 'string', default: '200000' },
      full: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const names = values.only ?? Object.keys(BENCHES);
  const seconds = Number(values.seconds);
  const events = values.full ? 1_000_000 : Number(values.events);
  const sane =
    names.every((name) => Object.hasOwn(BENCHES, name)) && seconds > 0 && Number.isInteger(events) && events > 0;
  return { names, seconds, events, help: values.help, sane };
};

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const main = async (): Promise<number> => {
  const { names, help, sane, ...options } = readOptions();
  if (help || !sane) {
    print(USAGE);
    return help ? 0 : 2;
  }
  const rows: BenchRow[] = [];
  for (const name of names) {
    // A fresh server and log each, so that no row pays for another's events.
    await using server = await startBenchServer();
    if (rows.length === 0) print(`${await describeMachine(server)}\n`);
    process.stderr.write(`${name} …\n`);
    const bench = BENCHES[name];
    if (bench !== undefined) rows.push(await bench(server, options));
  }
  print(describeRows(rows));
  return rows.some((row) => ratioOf(row) < row.bar) ? 1 : 0;
};

process.exitCode = await main();
