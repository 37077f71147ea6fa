import type { Metric } from '../analytics/metric.ts';
import { activity } from './activity.ts';
import { cohorts } from './cohorts.ts';
import { conversion } from './conversion.ts';
import { cycle } from './cycle.ts';
import { forecast } from './forecast.ts';
import { funnel } from './funnel.ts';
import { leaderboard } from './leaderboard.ts';
import { losses } from './losses.ts';
import { pipeline } from './pipeline.ts';
import { responseTime } from './response-time.ts';
import { sources } from './sources.ts';
import { stageDuration } from './stage-duration.ts';
import { velocity } from './velocity.ts';
import { waterfall } from './waterfall.ts';
import { winRate } from './win-rate.ts';

/** Every metric by its path under /api/analytics. A new one is a file of its own and a line here. */
export const METRICS: Readonly<Record<string, Metric>> = {
  pipeline,
  funnel,
  conversion,
  'win-rate': winRate,
  velocity,
  cycle,
  forecast,
  'stage-duration': stageDuration,
  'response-time': responseTime,
  activity,
  sources,
  cohorts,
  losses,
  waterfall,
  leaderboard,
};
