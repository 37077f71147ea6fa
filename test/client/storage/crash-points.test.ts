import { describe, expect, test } from 'vitest';
import { crashEverywhere } from '../../support/storages/crash-run.ts';
import type { Model } from '../../support/storages/machine.ts';
import { models } from '../../support/storages/models.ts';
import { bareVault } from '../../support/storages/vaults.ts';

const unsealed = () => async () => bareVault;

describe.each(models)('a process that dies at any write: $name', (model) => {
  test('loses nothing that was accepted or acknowledged, applies nothing twice, and opens', async () => {
    const { points, inRecovery, problems } = await crashEverywhere(model, unsealed);
    process.stdout.write(`crash points, ${model.name}: ${points}, and ${inRecovery} in the boots after them\n`);
    expect(problems).toEqual([]);
    expect(points).toBeGreaterThan(100);
    expect(inRecovery).toBeGreaterThan(10);
  }, 300_000);
});

test('a storage that answers before it has written does not get past this', async () => {
  const honest = models[0] as Model;
  const lying: Model = {
    name: 'loses its fifth value',
    create: async () => {
      const machine = await honest.create();
      let written = 0;
      const start = async () => {
        const scoped = await machine.start();
        const storage = typeof scoped === 'function' ? scoped('any') : scoped;
        const setItem = async (key: string, value: string) =>
          ++written === 5 ? undefined : storage.setItem(key, value);
        return { ...storage, setItem };
      };
      return { ...machine, start };
    },
  };
  const { problems } = await crashEverywhere(lying, unsealed);
  expect(problems.length).toBeGreaterThan(0);
}, 300_000);
