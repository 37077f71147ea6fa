import { describe, expect, test } from 'vitest';
import { unpaired } from '../../../src/shared/domain/merge-pair.ts';
import { fact, id, type Fact } from '../../support/given.ts';

/** One answer an event of the group: nothing, or the path that its refusal names. */
const expectOf = (group: readonly Fact[], ...paths: readonly (string | undefined)[]) =>
  expect(group.map((event) => unpaired(event, group)?.fields?.[0]?.path)).toEqual(paths);

const ABSORBED = 'data.absorbedId';
const SURVIVOR = 'data.survivorId';

describe.each([
  ['contacts', 'ContactMerged', 'ContactMergedInto', 'contact'],
  ['companies', 'CompanyMerged', 'CompanyMergedInto', 'company'],
] as const)('a merge of %s', (_, merged, mergedInto, type) => {
  const survivor = (absorbed: string, stream = 'survivor') =>
    fact(merged, { absorbedId: id(absorbed) }, { stream: id(stream) });
  const absorbed = (survivorOf: string, stream = 'double') =>
    fact(mergedInto, { survivorId: id(survivorOf) }, { stream: id(stream) });

  test('has two sides that name each other, in any order and among other events', () => {
    const renamed = fact(type === 'contact' ? 'ContactDetailsChanged' : 'CompanyDetailsChanged', { name: 'Ada' });
    expectOf([survivor('double'), absorbed('survivor')], undefined, undefined);
    expectOf([absorbed('survivor'), renamed, survivor('double')], undefined, undefined, undefined);
  });

  test('is no merge with one side alone, whose refusal says what is missing', () => {
    expectOf([survivor('double')], ABSORBED);
    expectOf([absorbed('survivor')], SURVIVOR);
    expect(unpaired(survivor('double'), [])).toEqual({
      code: 'invalid',
      message: `absorbedId: needs, in the same group, a ${mergedInto} of that ${type} with this one as survivorId`,
      fields: [
        {
          path: ABSORBED,
          message: `needs, in the same group, a ${mergedInto} of that ${type} with this one as survivorId`,
        },
      ],
    });
  });

  test('is no merge where the sides name others', () => {
    expectOf([survivor('double'), absorbed('survivor', 'third')], ABSORBED, SURVIVOR);
    expectOf([survivor('double'), absorbed('third')], ABSORBED, SURVIVOR);
    expectOf([survivor('double'), absorbed('third'), absorbed('survivor')], undefined, SURVIVOR, undefined);
  });

  test('may take in several at once, each with its own two sides', () => {
    const both = [survivor('double'), absorbed('survivor'), survivor('triple'), absorbed('survivor', 'triple')];
    expectOf(both, undefined, undefined, undefined, undefined);
    expectOf(both.slice(0, 3), undefined, undefined, ABSORBED);
  });
});

test('a contact and a company do not merge', () => {
  const ada = fact('ContactMerged', { absorbedId: id('acme') }, { stream: id('ada') });
  const acme = fact('CompanyMergedInto', { survivorId: id('ada') }, { stream: id('acme') });
  expectOf([ada, acme], ABSORBED, SURVIVOR);
});

test('other events stand alone', () => {
  expectOf([fact('ContactCreated', { name: 'Ada' }), fact('CompanyDeleted', {})], undefined, undefined);
});
