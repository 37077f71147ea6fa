// npm run bench:analytics -- [--events <n>] [--deals <n>] [--times <n>] [--only <metric>]
import { parseArgs } from 'node:util';
import { copied, measureMetrics } from './bench-analytics/measure.ts';
import { describeMetrics, isMissed } from './bench-analytics/report.ts';
import { seedSales } from './bench-analytics/seed.ts';
import { startBenchServer } from './bench/bench-server.ts';
import { describeMachine } from './bench/report.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    deals: { type: 'string', default: '100000' },
    times: { type: 'string', default: '20' },
    only: { type: 'string', multiple: true },
  },
});
const print = (text: string): void => void process.stdout.write(`${text}\n`);

await using server = await startBenchServer();
print(await describeMachine(server));
const seeded = await seedSales(server, { events: Number(values.events), deals: Number(values.deals) });
print(`${seeded.events.toLocaleString('en')} events, ${seeded.deals.toLocaleString('en')} deals, two years\n`);
print(`copied by columns in ${((await copied(server, seeded)) / 1000).toFixed(1)} s after the first question\n`);
const rows = await measureMetrics(server, seeded, { metrics: values.only, times: Number(values.times) });
print(describeMetrics(rows));
process.exitCode = rows.some(isMissed) ? 1 : 0;
