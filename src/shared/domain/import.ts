import { err, ok, type Result } from '../base/result.ts';
import { initialImport, type importEvents, type ImportState } from '../contract/events/import.ts';
import { wrongState, type Rejection } from '../contract/rejections.ts';
import type { Decided, Decider, Proposed, RuleContext } from './decider.ts';

type ImportEvent = keyof typeof importEvents;

const decide = (
  state: ImportState,
  event: Proposed<ImportEvent>,
  context: RuleContext,
): Result<Decided<ImportEvent>, Rejection> => {
  switch (event.type) {
    case 'ImportStarted':
      return ok({ type: event.type, data: { ...event.data, ownerId: context.actor } });
    case 'ImportCompleted':
      return state.status === 'running' ? ok(event) : err(wrongState(`this import is ${state.status}`));
    case 'ImportReverted':
      return state.status === 'reverted' ? err(wrongState('this import was reverted already')) : ok(event);
  }
};

/** `import` is a word of the language. */
export const importJob: Decider<ImportState, ImportEvent> = { initialState: initialImport, decide };
