import type { Machine, Model } from '../../test/support/storages/machine.ts';
import { models } from '../../test/support/storages/models.ts';
import { benchUnit, cacheLeads, keepUnits, startApp } from './phone.ts';
import type { SdkRow } from './row.ts';

const MEGABYTE = 1e6;
const APPENDS = 1000;

const modelNamed = (part: string): Model => {
  const model = models.find(({ name }) => name.includes(part));
  if (model === undefined) throw new Error(`no storage model is called ${part}`);
  return model;
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Time on the clock, and of the processor: on a busy machine the latter says more. */
const boots = async (machine: Machine) => {
  const wall: number[] = [];
  const cpu: number[] = [];
  for (let i = 0; i < 5; i++) {
    const before = process.cpuUsage();
    wall.push((await startApp(machine)).bootMs);
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1000);
  }
  return { wall: median(wall), cpu: median(cpu) };
};

const appendRow = async (model: Model): Promise<SdkRow> => {
  const machine = await model.create();
  const { store } = await startApp(machine);
  const from = performance.now();
  let inOneKey = 0;
  let text = 0;
  for (let seq = 1; seq <= APPENDS; seq++) {
    const unit = benchUnit(seq);
    text += JSON.stringify(unit).length;
    inOneKey += text;
    await store.append(unit);
  }
  const ms = (performance.now() - from) / APPENDS;
  return {
    what: `1,000 appends, ${model.name}`,
    value: machine.fuse.bytes / MEGABYTE,
    unit: 'MB',
    note: `${ms.toFixed(2)} ms an append; the whole outbox in one key would write ${(inOneKey / MEGABYTE).toFixed(0)} MB, unsealed`,
  };
};

const bootRow = async (leads: number, pending: number, limits: Pick<SdkRow, 'bar' | 'goal'>): Promise<SdkRow> => {
  const machine = await modelNamed('scoped').create();
  await cacheLeads(machine, leads);
  const written = machine.fuse.bytes;
  if (pending > 0) await keepUnits(machine, pending);
  const onDisk = (await machine.dump()).length;
  const { wall, cpu } = await boots(machine);
  return {
    what: `boot of the store, ${leads.toLocaleString('en')} leads, ${pending.toLocaleString('en')} pending`,
    value: wall,
    unit: 'ms',
    ...limits,
    note: `median of 5, ${cpu.toFixed(0)} ms of processor time; ${(written / MEGABYTE).toFixed(1)} MB written by the first sync, ${(onDisk / MEGABYTE).toFixed(1)} MB on disk`,
  };
};

/** What the storage costs, sealed, over the models of the platforms; the media themselves are not in it. */
export const storageRows = async (): Promise<SdkRow[]> => [
  await appendRow(modelNamed('scoped')),
  await appendRow(modelNamed('iOS')),
  await appendRow(modelNamed('Android')),
  await bootRow(10_000, 0, { bar: 600, goal: 300 }),
  await bootRow(50_000, 5000, {}),
];
