import { must } from '../../shared/base/assert.ts';
import { ok, type Result } from '../../shared/base/result.ts';
import { quoted, type RowProblem } from './csv-rows.ts';
import { stageNamed } from './deal-target.ts';
import type { Fields } from './read-fields.ts';
import {
  companyBy,
  customFields,
  joined,
  money,
  ownership,
  present,
  refuse,
  text,
  type PlannedEvent,
  type Planner,
  type RowContext,
} from './row-plan.ts';

/**
 * A row as the life of a deal: made and moved to its stage when it came to be, its amount known and it won or lost when
 * it closed. Labels name the stage and the amount, so that a later file with a newer stage adds just that.
 */
export const planDeal: Planner = (fields, context) => {
  const target = must(context.deals, 'an import of deals has a pipeline');
  const created = joined(
    ok({ ...present(fields, ['name', 'expectedCloseDate', 'source', 'forecastCategory']), ...customFields(fields) }),
    ok({ pipelineId: target.pipelineId }),
    ownership(fields, context),
    companyBy(fields, context, ['companyName', 'companyId']),
  );
  if (!created.ok) return created;
  const rest = lifeOf(fields, context);
  if (!rest.ok) return rest;
  const creation = { label: 'created', type: 'DealCreated', data: created.value, time: context.time } as const;
  return ok({ streamId: context.recordId, events: [creation, ...rest.value] });
};

const lifeOf = (fields: Fields, context: RowContext): Result<readonly PlannedEvent[], RowProblem> => {
  const target = must(context.deals, 'an import of deals has a pipeline');
  const name = text(fields, 'stage');
  const stage = name === undefined ? target.stages.find(({ kind }) => kind === 'open') : stageNamed(target, name);
  if (stage === undefined) return refuse(context, 'stage', `The pipeline has no stage ${quoted(name ?? '')}.`);
  const paid = money(fields, context);
  if (!paid.ok) return paid;
  const closed = stage.kind === 'open' ? ok(undefined) : closing(fields, context, stage.kind);
  if (!closed.ok) return closed;
  const stood = stage.kind === 'open' ? stage : target.closedFrom;
  const events: PlannedEvent[] = [];
  const first = target.stages.find(({ kind }) => kind === 'open');
  if (stood !== undefined && stood.id !== first?.id) {
    events.push({
      label: `stage ${stood.id}`,
      type: 'DealStageChanged',
      data: { stageId: stood.id },
      time: context.time,
    });
  }
  // The amount of a lost deal is what the file says it was worth; 0 stands for nothing known.
  if (paid.value !== undefined && paid.value.amountMinor > 0) {
    const label = `amount ${paid.value.amountMinor} ${paid.value.currency}`;
    events.push({ label, type: 'DealAmountChanged', data: paid.value, time: closed.value?.time ?? context.time });
  }
  return ok(closed.value === undefined ? events : [...events, closed.value]);
};

const closing = (fields: Fields, context: RowContext, kind: 'won' | 'lost'): Result<PlannedEvent, RowProblem> => {
  const time = fields['closedAt'];
  if (typeof time !== 'number') return refuse(context, 'closedAt', `A ${kind} deal needs the date of its closing.`);
  if (time < context.time) return refuse(context, 'closedAt', 'The deal is closed before it came to be.');
  if (time > context.now) return refuse(context, 'closedAt', 'The closing is in the future.');
  if (kind === 'won') return ok({ label: 'closed', type: 'DealWon', data: present(fields, ['reason']), time });
  if (fields['reason'] === undefined)
    return refuse(context, 'reason', 'A lost deal needs a reason: map a column or a constant to reason.');
  return ok({ label: 'closed', type: 'DealLost', data: present(fields, ['reason', 'competitor']), time });
};
