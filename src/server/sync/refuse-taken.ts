import { SERVER_DEVICE } from '../../shared/base/ids.ts';
import { invalidField } from '../../shared/contract/rejections.ts';
import { mayWrite } from '../../shared/domain/access.ts';
import type { Principal } from '../access/principal.ts';
import type { WorkspacePool } from '../database/workspace-pool.ts';
import { takenEmails } from '../log/taken-emails.ts';
import { isWellFormed, type Examined } from './examine.ts';

const invitedAddress = ({ event }: Examined): string | undefined =>
  isWellFormed(event) && event.type === 'UserInvited' ? (event.data['email'] as string | undefined) : undefined;

/**
 * Refuses phones the invitation of somebody whose address the workspace knows already, which no stream can tell. Asked
 * beforehand, so that of two requests at once both may pass: who is first to set a password has the address. The
 * server's own routes ask by themselves, one after the other.
 */
export const refuseTaken = async (
  pool: WorkspacePool,
  { workspaceId, deviceId, role }: Principal,
  events: readonly Examined[],
): Promise<readonly Examined[]> => {
  // Nobody else may invite, or learn who is here by trying.
  if (deviceId === SERVER_DEVICE || !mayWrite(role, 'UserInvited')) return events;
  const emails = events.flatMap((event) => invitedAddress(event) ?? []);
  if (emails.length === 0) return events;
  const taken = new Set(await takenEmails(pool, workspaceId, emails));
  return events.map((event) => {
    const email = invitedAddress(event);
    if (email === undefined) return event;
    if (taken.has(email)) return { ...event, event: invalidField('email', 'is taken') };
    taken.add(email);
    return event;
  });
};
