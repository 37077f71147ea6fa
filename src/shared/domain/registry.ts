import type { JsonObject } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import type { Rejection } from '../contract/rejections.ts';
import type { StreamType } from '../contract/streams.ts';
import { activity } from './activity.ts';
import { company } from './company.ts';
import { contact } from './contact.ts';
import { deal } from './deal.ts';
import type { Decided, RuleContext } from './decider.ts';
import { forecast } from './forecast.ts';
import { importJob } from './import.ts';
import { lead } from './lead.ts';
import { pipeline } from './pipeline.ts';
import { quota } from './quota.ts';
import { rate } from './rate.ts';
import { team } from './team.ts';
import { user } from './user.ts';
import { workspace } from './workspace.ts';

/** A decider of some stream type, when code treats all of them alike. */
export interface AnyDecider {
  readonly initialState: JsonObject;
  readonly decide: (state: JsonObject, event: object, context: RuleContext) => Result<Decided, Rejection>;
}

/** The rules of every stream type. */
export const deciders = {
  lead,
  contact,
  company,
  deal,
  activity,
  pipeline,
  user,
  team,
  workspace,
  import: importJob,
  rate,
  quota,
  forecast,
} as const satisfies Record<StreamType, object>;

// Each decider names its own state and events; that an event meets the decider of its stream is judge's to see to.
export const deciderOf = (stream: StreamType): AnyDecider => deciders[stream] as unknown as AnyDecider;
