import * as z from 'zod';
import type { Uuid } from '../../../shared/base/ids.ts';
import { parameter } from '../parameters.ts';

export const GROUPS = [
  'owner',
  'team',
  'month',
  'quarter',
  'year',
  'pipeline',
  'source',
  'company',
  'currency',
  'stage',
  'direction',
] as const;
export type Group = (typeof GROUPS)[number];

/** The filter that all metrics share, checked. Times are instants or days; a day is one of the workspace's time zone. */
export interface AnalyticsFilter {
  /** The period, half-open. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** A position, an instant, or a day: then its end. */
  readonly asOf?: string | undefined;
  /** What both period and asOf go by; by default the period by occurrence and asOf by what was recorded. */
  readonly clock?: 'occurred' | 'recorded' | undefined;
  /** With all teams below it. */
  readonly teamId?: Uuid | undefined;
  readonly ownerId?: Uuid | undefined;
  readonly pipelineId?: Uuid | undefined;
  readonly currency?: string | undefined;
  readonly groupBy?: Group | undefined;
}

const asOf = z
  .string()
  .max(40)
  .refine(
    (text) => /^\d{1,15}$/.test(text) || parameter('instant').safeParse(text).success,
    'must be a position, a time or a date',
  );

/** `asOf` alone, for single records. */
export const asOfParameter = asOf.optional();

/** Groups by the names that their filters and rows have, too. */
const SYNONYMS = { ownerId: 'owner', teamId: 'team', pipelineId: 'pipeline', stageId: 'stage' } as const;
type Synonym = keyof typeof SYNONYMS;
const isSynonym = (name: string): name is Synonym => Object.hasOwn(SYNONYMS, name);

const groupParameter = (groups: readonly Group[]) => {
  const synonyms = (Object.keys(SYNONYMS) as Synonym[]).filter((synonym) => groups.includes(SYNONYMS[synonym]));
  return z
    .enum([...groups, ...synonyms] as [Group | Synonym, ...(Group | Synonym)[]])
    .transform((name): Group => (isSynonym(name) ? SYNONYMS[name] : name))
    .optional();
};

/** The query string of a metric with these groups, and what it asks besides; unknown parameters are refused. */
export const filterWith = <Extra extends z.ZodRawShape>(groups: readonly Group[], extra: Extra) =>
  z
    .strictObject({
      from: parameter('instant').optional(),
      to: parameter('instant').optional(),
      asOf: asOfParameter,
      clock: z.enum(['occurred', 'recorded']).optional(),
      teamId: parameter('id').optional(),
      ownerId: parameter('id').optional(),
      pipelineId: parameter('id').optional(),
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code like EUR')
        .optional(),
      ...(groups.length === 0 ? {} : { groupBy: groupParameter(groups) }),
      ...extra,
    })
    .refine(
      (filter) =>
        !((filter as AnalyticsFilter).clock === 'occurred' && /^\d+$/.test((filter as AnalyticsFilter).asOf ?? '')),
      {
        path: ['asOf'],
        message: 'as a position goes with what was recorded: use clock=recorded, or give a time',
      },
    );
