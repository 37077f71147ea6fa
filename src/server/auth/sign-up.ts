import { v7 as uuidv7 } from 'uuid';
import { assert } from '../../shared/base/assert.ts';
import { formatClock } from '../../shared/base/hybrid-clock.ts';
import { SERVER_DEVICE, type Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { ProposedEvent } from '../../shared/contract/envelope.ts';
import type { SignedIn, SignUpRequest } from '../../shared/contract/identity.ts';
import { Problem } from '../../shared/contract/problem.ts';
import type { StreamType } from '../../shared/contract/streams.ts';
import { defaultPipeline } from '../../shared/domain/default-pipeline.ts';
import { openWorkspace } from '../log/open-workspace.ts';
import type { AuthContext } from './context.ts';
import { addLogin, findLogin } from './logins.ts';
import { openSessionOn, welcome } from './sign-in.ts';
import { inTransaction } from './transaction.ts';

interface Founding {
  readonly workspaceId: Uuid;
  readonly userId: Uuid;
  readonly request: SignUpRequest;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** The first events of a workspace: itself, its first admin and a pipeline to sell with. All or nothing. */
const foundingEvents = ({ workspaceId, userId, request, time }: Founding): ProposedEvent[] => {
  const group = uuidv7();
  const events: ProposedEvent[] = [];
  const add = (type: string, stream: { type: StreamType; id: Uuid }, basedOn: number, data: object): void => {
    const at = formatClock({ time, counter: events.length, device: SERVER_DEVICE });
    events.push({ id: uuidv7(), type, schemaVersion: 1, stream, basedOn, at, group, data: data as JsonObject });
  };
  const user = { type: 'user', id: userId } as const;
  add('WorkspaceCreated', { type: 'workspace', id: workspaceId }, 0, { name: request.workspaceName });
  add('UserInvited', user, 0, { name: request.name, email: request.email, role: 'admin' });
  add('UserActivated', user, 1, {});
  add(
    'PipelineCreated',
    { type: 'pipeline', id: uuidv7() },
    0,
    defaultPipeline(() => uuidv7()),
  );
  return events;
};

const found = async (context: AuthContext, founding: Founding): Promise<number> => {
  const { workspaceId, userId } = founding;
  await openWorkspace(context.pool, workspaceId);
  const events = foundingEvents(founding);
  const { results, head } = await context.push.events(
    { workspaceId, userId, deviceId: SERVER_DEVICE, role: 'admin' },
    events,
  );
  const refused = results.find((result) => result.status === 'rejected');
  assert(refused === undefined, `a workspace's first events are taken: ${JSON.stringify(refused)}`);
  return head;
};

const taken = (): Problem => new Problem('already_exists', 'This e-mail address already signs in. Sign in instead.');

/**
 * The workspace comes first and the login last: a crash in between leaves a workspace that nobody can enter, and the
 * same request makes another. Whoever loses a race for the address leaves one too.
 */
export const signUp = async (
  context: AuthContext,
  request: SignUpRequest,
): Promise<{ answer: SignedIn; position: number }> => {
  if ((await findLogin(context.pool, request.email)) !== undefined) throw taken();
  const passwordHash = await context.passwords.hash(request.password);
  const person = { workspaceId: uuidv7(), userId: uuidv7() };
  const position = await found(context, { ...person, request, time: context.now() });
  const session = await inTransaction(context.pool.for(person.workspaceId), async (client) => {
    if (!(await addLogin(client, request.email, { ...person, passwordHash }))) throw taken();
    return openSessionOn(client, person, request.device);
  });
  return { answer: await welcome(context, session), position };
};
