import type * as z from 'zod';
import { type AnalyticsFilter, filterWith, type Group } from './filter.ts';
import type { Question } from './question.ts';
import type { Models } from '../sql.ts';

/** A number that people ask for, under /api/analytics. */
export interface Metric<Extra extends object = object, Answer extends object = object> {
  /** One line for /docs. */
  readonly summary: string;
  /** The query string, checked. */
  readonly parameters: z.ZodType<AnalyticsFilter & Extra>;
  /** What is answered; documentation. */
  readonly answer: z.ZodType;
  readonly ask: (models: Models, question: Question<AnalyticsFilter & Extra>) => Promise<Answer>;
}

interface Definition<Shape extends z.ZodRawShape, Answer extends object> {
  readonly summary: string;
  /** What its rows can be grouped by. */
  readonly groups: readonly Group[];
  /** Parameters of its own, beside the filter that all metrics share. */
  readonly extra?: Shape;
  readonly answer: z.ZodType;
  readonly ask: (models: Models, question: Question<AnalyticsFilter & z.output<z.ZodObject<Shape>>>) => Promise<Answer>;
}

/** A metric whose own parameters only its file knows. */
export const metric = <Answer extends object, Shape extends z.ZodRawShape>({
  summary,
  groups,
  extra,
  answer,
  ask,
}: Definition<Shape, Answer>): Metric =>
  ({ summary, parameters: filterWith(groups, extra ?? {}), answer, ask }) as unknown as Metric;
