import type { Uuid } from '../../shared/base/ids.ts';
import type { Entry, Outcome } from '../view/outbox.ts';
import type { Verdict } from './answer.ts';

/** Refusals that pass by themselves: the cause is resolved, or the server learns the type. The event is kept and sent again. */
const PASSING: ReadonlySet<string> = new Set(['blocked', 'unknown_type']);

/** The outcomes of a unit's events, or undefined where it has to be sent again another time. */
export const outcomesOf = ({ unit }: Entry, verdicts: ReadonlyMap<Uuid, Verdict>): readonly Outcome[] | undefined => {
  const found = unit.events.map(({ id }) => verdicts.get(id));
  const outcomes = found.map((verdict) => verdict && outcomeOf(verdict));
  const refusal = outcomes.find((outcome) => outcome?.kind === 'refused');
  if (refusal === undefined) return outcomes.every((outcome) => outcome !== undefined) ? outcomes : undefined;
  // All or nothing: what is blocked by its own unit ends with it.
  return outcomes.map(
    (outcome, index) => outcome ?? blockedBy(found[index], unit.events[outcomes.indexOf(refusal)]?.id),
  );
};

const outcomeOf = (verdict: Verdict): Outcome | undefined => {
  const status = verdict.status === 'duplicate' ? verdict.of : verdict.status;
  const { position = 0, version = 0 } = verdict;
  switch (status) {
    case 'accepted':
    case 'merged':
      return { kind: 'taken', position, version, clock: verdict.clock ?? '' };
    case 'conflict':
      if (verdict.conflictId === undefined) return groupConflict(verdict);
      return { kind: 'conflict', position, version, conflictId: verdict.conflictId, register: verdict.register ?? '' };
    case 'rejected':
      return PASSING.has(verdict.code ?? '') ? undefined : refusedBy(verdict);
    case undefined:
      return undefined;
  }
};

/** Nothing is in the log: the same events under new ids, based on what is known by then, may land. */
const groupConflict = ({ register = 'a field' }: Verdict): Outcome => ({
  kind: 'refused',
  code: 'conflict',
  message: `somebody else changed ${register} meanwhile: look at the record and send it again`,
});

const refusedBy = ({ code = 'invalid', message = '', fields }: Verdict): Outcome => ({
  kind: 'refused',
  code,
  message,
  ...(fields === undefined ? {} : { fields }),
});

const blockedBy = (verdict: Verdict | undefined, culprit: Uuid | undefined): Outcome => ({
  kind: 'refused',
  code: 'blocked',
  message: verdict?.message ?? 'an event that this one depends on was refused',
  blockedBy: verdict?.blockedBy ?? culprit,
});
