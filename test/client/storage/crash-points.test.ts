import { describe, expect, test } from 'vitest';
import { crashEverywhere } from '../../support/storages/crash-run.ts';
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
