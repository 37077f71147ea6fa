import { must } from '../../shared/base/assert.ts';
import type { WorkspaceChange } from '../../shared/contract/people.ts';
import type { Principal } from '../access/principal.ts';
import { findRecord, type StoredRecord } from '../queries/stored-record.ts';
import { setUpOf } from '../queries/visible.ts';
import { changedFields, draftOf, type Fields } from '../../shared/domain/changes/event-draft.ts';
import { writeEvents } from '../resources/write-events.ts';
import type { AuthContext } from './context.ts';
import { requireRole, type Changed } from './set-up-records.ts';

/** The workspace's settings, the sharing policy among them. Everyone may look, admins change them. */
export interface WorkspaceSettings {
  get(principal: Principal): Promise<Changed>;
  /** @throws Problem forbidden */
  change(principal: Principal, change: WorkspaceChange): Promise<Changed>;
}

const SETTINGS = ['name', 'timeZone', 'baseCurrency', 'sharing', 'registers', 'fiscalYearStart'];

export const createWorkspaceSettings = (context: AuthContext): WorkspaceSettings => {
  const stored = async (principal: Principal): Promise<StoredRecord> => {
    const found = await findRecord(
      context.pool.for(principal.workspaceId),
      setUpOf(principal),
      'workspace',
      principal.workspaceId,
    );
    return must(found, 'a session has a workspace');
  };
  return {
    get: stored,
    change: async (principal, change) => {
      requireRole(principal, 'admin');
      const { position } = await writeEvents(context, principal, async () => {
        const { id, state, version, clocks } = await stored(principal);
        const drafts = draftOf('WorkspaceSettingsChanged', changedFields(change as Fields, state), SETTINGS);
        return drafts.map((draft) => ({ ...draft, id, basedOn: version, clocks }));
      });
      const found = await stored(principal);
      return { ...found, position: position === 0 ? found.position : position };
    },
  };
};
