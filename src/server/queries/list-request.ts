import * as z from 'zod';
import { LISTS, type ListName, type ListSpec } from './list-fields.ts';
import { filterParameters, LIMIT_DEFAULT, LIMIT_MAX, parameter, sortParameter, wholeNumber } from './parameters.ts';

/** What a list is asked for, checked. */
export interface ListRequest {
  readonly limit: number;
  /** The token of the page before. */
  readonly after?: string | undefined;
  /** A key of the list's sorts, with `-` in front for descending. */
  readonly sort: string;
  readonly q?: string | undefined;
  /** Whether deleted records are listed too. */
  readonly deleted: boolean;
  readonly filters: Readonly<Record<string, readonly string[]>>;
}

const shapeOf = (spec: ListSpec) =>
  z.strictObject({
    limit: wholeNumber(1, LIMIT_MAX, LIMIT_DEFAULT),
    after: z.string().min(1).max(4000).optional(),
    sort: sortParameter(spec),
    ...(spec.deletable ? { deleted: z.enum(['true', 'false']).default('false') } : {}),
    ...(spec.searchable ? { q: parameter('text').pipe(z.string().min(1).max(200)).optional() } : {}),
    ...filterParameters(spec),
  });

/** The query string of each list; unknown parameters are refused. */
export const listParameters = Object.fromEntries(
  Object.entries(LISTS).map(([name, spec]) => [name, shapeOf(spec)]),
) as unknown as Readonly<Record<ListName, z.ZodType<Record<string, unknown>>>>;

/** The parameters as a request: the filters apart from the rest. */
export const listRequest = (parameters: Readonly<Record<string, unknown>>): ListRequest => {
  const { limit, after, sort, q, deleted, ...filters } = parameters as unknown as {
    limit: number;
    after?: string;
    sort: string;
    q?: string;
    deleted: 'true' | 'false';
  } & Record<string, never>;
  const given = Object.entries(filters as Record<string, readonly string[] | undefined>).filter(
    ([, v]) => v !== undefined,
  );
  return {
    limit,
    after,
    sort,
    q,
    deleted: deleted === 'true',
    filters: Object.fromEntries(given) as Record<string, readonly string[]>,
  };
};
