import type { Vault } from '../../../src/client/vault/vault.ts';
import { openClientStore } from '../../../src/client/storage/open-client-store.ts';
import type { SyncMeta } from '../../../src/client/storage/client-store.ts';
import { Crash } from './fuse.ts';
import type { Machine, Model } from './machine.ts';
import { PINNED, script, type Contents, type Lead, type Outcome, type Step, type Store } from './store-script.ts';

export const OWNER = { workspaceId: 'canary-workspace', userId: 'canary-user' };

export interface CrashReport {
  /** Writes at which the process was stopped, before and after each. */
  readonly points: number;
  /** The same within the boots that followed. */
  readonly inRecovery: number;
  readonly problems: readonly string[];
}

/** A phone, its keychain, and what its store promised so far. */
interface World {
  readonly machine: Machine;
  readonly openVault: () => Promise<Vault>;
  readonly sure: Contents;
  /** Evicted records may be missing, for the server has them. */
  evictionSeen: boolean;
  readonly problems: string[];
}

const open = async (world: World): Promise<{ store: Store; found: Contents }> => {
  const store = openClientStore<Lead, SyncMeta, Outcome>({
    storage: await world.machine.start(),
    platform: world.machine.platform,
    owner: OWNER,
    vault: await world.openVault(),
    isPinned: ({ id }) => id === PINNED,
    journalMax: 4,
    onEvicted: (ids) => {
      for (const id of ids) world.sure.delete(`record:${id}`);
    },
  });
  return { store, found: await boot(world, store) };
};

const boot = async ({ problems }: World, store: Store): Promise<Contents> => {
  const { units, acknowledgements, records, meta, damage } = await store.boot();
  const found: Contents = new Map();
  const put = (key: string, value: unknown): void => {
    if (found.has(key)) problems.push(`${key} is there twice`);
    found.set(key, JSON.stringify(value));
  };
  for (const unit of units) put(`unit:${unit.seq}`, unit);
  for (const { seq, outcomes } of acknowledgements) put(`ack:${seq}`, outcomes);
  for (const record of records) put(`record:${record.id}`, record);
  if (meta !== null) put('meta', meta);
  for (const [name, value] of await store.values.list('draft')) put(`value:draft/${name}`, value);
  for (const one of damage) problems.push(`damage: ${JSON.stringify(one)}`);
  return found;
};

const changesOf = (sure: Contents, { effect }: Step): Map<string, string | undefined> => {
  const after = new Map(sure);
  effect(after);
  const keys = new Set([...sure.keys(), ...after.keys()]);
  return new Map([...keys].filter((key) => sure.get(key) !== after.get(key)).map((key) => [key, after.get(key)]));
};

/** Which of the steps under way took place; whatever is neither before nor after them is a problem. */
const judge = (world: World, found: Contents, underWay: readonly Step[]): Set<Step> => {
  const { sure, problems } = world;
  const done = new Set<Step>();
  const explained = new Set<string>();
  for (const step of underWay) {
    const changes = [...changesOf(sure, step)];
    const arrived = changes.filter(([key, value]) => found.get(key) === value);
    const stayed = changes.filter(([key]) => found.get(key) === sure.get(key));
    for (const [key] of [...arrived, ...stayed]) explained.add(key);
    if (arrived.length === changes.length) done.add(step);
    else if (step.isAtomic ? stayed.length !== changes.length : arrived.length + stayed.length !== changes.length)
      problems.push(`half done: ${changes.map(([key]) => `${key}=${found.has(key)}`).join(' ')}`);
  }
  for (const key of new Set([...sure.keys(), ...found.keys()])) {
    if (explained.has(key) || found.get(key) === sure.get(key)) continue;
    const isEvicted = world.evictionSeen && key.startsWith('record:') && !key.endsWith(PINNED) && !found.has(key);
    if (isEvicted) sure.delete(key);
    else problems.push(`${key} is ${found.get(key)?.slice(0, 60)}, not ${sure.get(key)?.slice(0, 60)}`);
  }
  return done;
};

/** Runs steps at once; each that resolves is a promise from then on. Answers those that did not. */
const runSteps = async (world: World, store: Store, steps: readonly Step[]): Promise<Step[]> => {
  if (steps.some(({ onFullDisk }) => onFullDisk === true)) {
    world.evictionSeen = true;
    world.machine.fuse.fillDisk();
  }
  const results = await Promise.allSettled(
    steps.map(async (step) => {
      const result = await step.run(store);
      if ((result as { ok?: boolean } | undefined)?.ok === false) throw new Error('refused');
      step.effect(world.sure);
    }),
  );
  await store.close();
  return steps.filter((_, i) => {
    const result = results[i];
    if (result?.status !== 'rejected') return false;
    if (!(result.reason instanceof Crash)) world.problems.push(`rejected: ${String(result.reason)}`);
    return true;
  });
};

const isDead = (machine: Machine): Promise<boolean> => machine.fuse.read(() => false).catch(() => true);

const ignoreCrash = (error: unknown): undefined => {
  if (!(error instanceof Crash)) throw error;
};

/** The machine, whose next process does this first. */
const startingWith = (machine: Machine, first: () => void): Machine => ({
  ...machine,
  start: async () => {
    const storage = await machine.start();
    first();
    return storage;
  },
});

/** Boots after a crash, which may be made to crash as well, and says what is left of the act. */
const recover = async (
  world: World,
  underWay: readonly Step[],
  recoveryCrash: number,
): Promise<{ store: Store; left: Step[] }> => {
  if (recoveryCrash > 0) {
    const machine = startingWith(world.machine, () => world.machine.fuse.arm(recoveryCrash, 'after'));
    await open({ ...world, machine }).catch(ignoreCrash);
  }
  const { store, found } = await open(world);
  const done = judge(world, found, underWay);
  const left = underWay.filter((step) => !done.has(step));
  for (const step of done) step.effect(world.sure);
  return { store, left };
};

interface CrashAt {
  /** Counted over the whole script; none: runs through. */
  readonly write: number;
  readonly when: 'before' | 'after';
  /** A second one, at this write of the boot that follows. */
  readonly inRecovery: number;
}

interface Run {
  readonly writes: number;
  readonly recoveryWrites: number;
  readonly problems: readonly string[];
}

const runScript = async (model: Model, vaults: () => () => Promise<Vault>, crash: CrashAt): Promise<Run> => {
  const world: World = {
    machine: await model.create(),
    openVault: vaults(),
    sure: new Map(),
    evictionSeen: false,
    problems: [],
  };
  const { fuse } = world.machine;
  let total = 0;
  let recoveryWrites = 0;
  let hasCrashed = crash.write === 0;
  let { store } = await open(world);
  const arm = (): void => {
    if (!hasCrashed && crash.write > total) fuse.arm(crash.write - total, crash.when);
  };
  const revive = async (underWay: readonly Step[]): Promise<void> => {
    hasCrashed = true;
    const recovered = await recover(world, underWay, crash.inRecovery);
    store = recovered.store;
    recoveryWrites = fuse.writes;
    total = 0;
    const left = await runSteps(world, store, recovered.left);
    if (left.length > 0) world.problems.push('a step failed again after the crash');
  };
  arm();
  for (const act of script) {
    let underWay: readonly Step[] = [];
    if (act.length > 0) underWay = await runSteps(world, store, act);
    else {
      total += fuse.writes;
      const opened = await open({ ...world, machine: startingWith(world.machine, arm) }).catch(ignoreCrash);
      if (opened !== undefined) {
        judge(world, opened.found, []);
        store = opened.store;
      }
    }
    if (await isDead(world.machine)) await revive(underWay);
  }
  total += fuse.writes;
  const { found } = await open(world);
  judge(world, found, []);
  return { writes: total, recoveryWrites, problems: world.problems };
};

/**
 * Stops the process before and after every write of a script that does everything a store can do, and in every boot that
 * follows again after each of its writes; each time the rest of the script runs on what was left.
 */
export const crashEverywhere = async (model: Model, vaults: () => () => Promise<Vault>): Promise<CrashReport> => {
  const through = await runScript(model, vaults, { write: 0, when: 'before', inRecovery: 0 });
  const problems = [...through.problems];
  let points = 0;
  let inRecovery = 0;
  const tryAt = async (crash: CrashAt): Promise<Run> => {
    const run = await runScript(model, vaults, crash);
    const at = `${crash.when} write ${crash.write}${crash.inRecovery > 0 ? `, then ${crash.inRecovery}` : ''}`;
    problems.push(...run.problems.map((problem) => `${at}: ${problem}`));
    return run;
  };
  for (let write = 1; write <= through.writes; write++) {
    for (const when of ['before', 'after'] as const) {
      const { recoveryWrites } = await tryAt({ write, when, inRecovery: 0 });
      points++;
      // "Before" the next write is the same disk, so one of the two is enough here.
      for (let again = 1; when === 'after' && again <= recoveryWrites; again++) {
        await tryAt({ write, when, inRecovery: again });
        inRecovery++;
      }
    }
  }
  return { points, inRecovery, problems };
};
