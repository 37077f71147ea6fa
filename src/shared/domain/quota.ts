import { err, ok, type Result } from '../base/result.ts';
import { initialQuota, type quotaEvents, type QuotaState, type Subject } from '../contract/events/quota.ts';
import { invalidField, type Rejection } from '../contract/rejections.ts';
import type { Decider } from './decider.ts';

interface Stated {
  readonly ownerId?: Subject['ownerId'] | undefined;
  readonly teamId?: Subject['teamId'] | undefined;
  readonly periodStart: string;
  readonly periodEnd: string;
}

/**
 * Whose amount it is, of a period that has days. A person's is his in whatever team he works, so that a team is named for
 * the team's own amount alone.
 *
 * @param unnamed the owner where neither is named
 */
export const subjectOf = (data: Stated, unnamed: Subject['ownerId']): Result<Subject, Rejection> => {
  if (data.periodEnd <= data.periodStart) return err(invalidField('periodEnd', 'must lie after periodStart'));
  const teamId = data.teamId ?? null;
  const ownerId = data.ownerId === undefined && teamId === null ? unnamed : (data.ownerId ?? null);
  if (ownerId !== null && teamId !== null) return err(invalidField('teamId', 'goes without ownerId: name one of them'));
  return ok({ ownerId, teamId });
};

/** Who may set whose is judged by rights. */
export const quota: Decider<QuotaState, keyof typeof quotaEvents> = {
  initialState: initialQuota,
  decide: (_state, event) => {
    const subject = subjectOf(event.data, null);
    return subject.ok ? ok({ type: event.type, data: { ...event.data, ...subject.value } }) : subject;
  },
};
