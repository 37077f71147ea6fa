import { describe, test } from 'vitest';
import { fact, given, id } from '../../support/given.ts';
import { salesPipeline } from '../../support/pipelines.ts';

const company = (name: string, parentId?: string) =>
  fact('CompanyCreated', parentId === undefined ? { name } : { name, parentId: id(parentId) }, { stream: id(name) });
const moved = (name: string, parentId: string | null) =>
  fact('CompanyParentChanged', { parentId: parentId === null ? null : id(parentId) }, { stream: id(name) });

describe('the parent of a company', () => {
  test('changes and is cleared', () => {
    given(company('group'), company('unit'))
      .when(moved('unit', 'group'))
      .leaves({ parentId: id('group') });
    given(company('group'), company('unit', 'group')).when(moved('unit', null)).leaves({ parentId: null });
  });

  test('is not the company itself', () => {
    given(company('group')).when(moved('group', 'group')).refuses('invalid', 'data.parentId');
  });

  test('is not below the company, however far', () => {
    given(company('group'), company('unit', 'group'), company('shop', 'unit'))
      .when(moved('group', 'shop'))
      .refuses('invalid', 'data.parentId');
  });

  test('is at most fifty levels deep', () => {
    const chain = Array.from({ length: 52 }, (_, level) =>
      company(`c${level}`, level === 0 ? undefined : `c${level - 1}`),
    );
    given(...chain, company('leaf'))
      .when(moved('leaf', 'c51'))
      .refuses('invalid', 'data.parentId');
    given(...chain, company('leaf'))
      .when(moved('leaf', 'c49'))
      .leaves({ parentId: id('c49') });
  });

  test('exists', () => {
    given(company('unit')).when(moved('unit', 'group')).refuses('unknown_stream', 'data.parentId');
  });
});

test('deleting a company leaves its deals alone', () => {
  const deal = fact('DealCreated', { name: 'Engine', companyId: id('acme') });
  given(salesPipeline, company('acme'), deal, fact('CompanyDeleted', {}, { stream: id('acme') }))
    .when(fact('DealStageChanged', { stageId: id('proposal') }))
    .leaves({ companyId: id('acme'), deletedAt: null });
});

test('an absorbed company says where it went', () => {
  given(company('acme'), company('acme2'))
    .when(fact('CompanyMergedInto', { survivorId: id('acme') }, { stream: id('acme2') }))
    .leaves({ mergedIntoId: id('acme'), deletedAt: '2026-11-22T10:02:00.000Z' });
});
