import type { Metric } from '../analytics/metric.ts';
import { leaderboard } from './leaderboard.ts';
import { pipeline } from './pipeline.ts';
import { velocity } from './velocity.ts';
import { waterfall } from './waterfall.ts';
import { winRate } from './win-rate.ts';

/** Every metric by its path under /api/analytics. A new one is a file of its own and a line here. */
export const METRICS: Readonly<Record<string, Metric>> = {
  pipeline,
  'win-rate': winRate,
  velocity,
  leaderboard,
  waterfall,
};
