import { ok } from '../base/result.ts';
import { initialWorkspace, type workspaceEvents, type WorkspaceState } from '../contract/events/workspace.ts';
import type { Decider } from './decider.ts';

/** Every combination of settings is valid; each value is checked by its schema. */
export const workspace: Decider<WorkspaceState, keyof typeof workspaceEvents> = {
  initialState: initialWorkspace,
  decide: (_state, event) => ok(event),
};
