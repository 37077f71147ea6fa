import { must } from '../base/assert.ts';
import { clockAfter, clockDevice, type HybridClock } from '../base/hybrid-clock.ts';
import type { Uuid } from '../base/ids.ts';
import type { RegisterClock, RegisterClocks } from '../contract/envelope.ts';

/** The register that stands for all that have not changed since the creation. */
export const CREATION = '*';

/** The newest clock that `device` left in a stream. */
export const newestClockOf = (clocks: RegisterClocks, device: string): HybridClock | undefined => {
  let newest: HybridClock | undefined;
  for (const { clock } of Object.values(clocks)) {
    if (clock.endsWith(device) && (newest === undefined || clock > newest)) newest = clock;
  }
  return newest;
};

/** The newest clock in a stream, whatever the device. */
export const newestClock = (clocks: RegisterClocks): HybridClock | undefined => newestClockOf(clocks, '');

/** The clock, or where that is not later than all in the stream, the first of its device that is. */
export const laterThanAll = (clocks: RegisterClocks, clock: HybridClock): HybridClock => {
  const newest = newestClock(clocks);
  return newest === undefined || newest < clock ? clock : clockAfter(newest, clockDevice(clock));
};

/** The last change of a register. */
export const lastChange = (clocks: RegisterClocks, register: string): RegisterClock =>
  must(clocks[register] ?? clocks[CREATION], 'a stream has the clock of its creation');

/** The version of the newest change of a register that is not the device's own; 0 where all are. */
export const foreignChange = (clocks: RegisterClocks, register: string, device: Uuid): number => {
  const last = lastChange(clocks, register);
  return clockDevice(last.clock) === device ? (last.other ?? 0) : last.version;
};

interface Change {
  readonly clock: HybridClock;
  readonly version: number;
  /** A conflict's resolution is nobody's own: it was decided on another view than that of the device's queue. */
  readonly resolves: boolean;
}

/** What is to be remembered of a change that won its register. */
export const nextClock = (last: RegisterClock | undefined, { clock, version, resolves }: Change): RegisterClock => {
  const other = resolves ? version : last === undefined ? 0 : otherThan(last, clock);
  return other === 0 ? { clock, version } : { clock, version, other };
};

const otherThan = (last: RegisterClock, clock: HybridClock): number =>
  clockDevice(last.clock) === clockDevice(clock) ? (last.other ?? 0) : last.version;
