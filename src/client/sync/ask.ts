import { WANT_MAX } from '../../shared/contract/sync.ts';
import type { OpenUser } from '../open-user.ts';
import type { Session } from '../session/session.ts';
import type { Reply } from '../transport/http.ts';
import type { Entry } from '../view/outbox.ts';
import type { SyncAnswer, SyncQuestion } from './answer.ts';

/** Values on a phone stay under 256 KB once sealed, so its pages do. */
const PAGE_BYTES = 128 * 1024;
const PAGE_OPS = 500;

/** What a request came to. */
export type Heard =
  | { readonly kind: 'answer'; readonly answer: SyncAnswer; readonly wipeOrder: string | undefined }
  /** The log is not the one that cursor and mark are of: begin anew. */
  | { readonly kind: 'reset' }
  /** The request itself may be the reason: fewer events may pass. `atOnce`: the same would fail again. */
  | { readonly kind: 'failed'; readonly atOnce: boolean; readonly message: string }
  | { readonly kind: 'unavailable'; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'offline' }
  | { readonly kind: 'signed_out' }
  | { readonly kind: 'revoked'; readonly order: string };

interface Parts {
  readonly user: OpenUser;
  readonly session: Session;
  readonly now: () => number;
}

/** One round trip: these units up, a page down. */
export const ask = async ({ user, session, now }: Parts, batch: readonly Entry[]): Promise<Heard> => {
  const sentAt = now();
  for (const entry of batch) Object.assign(entry, { offered: true, underWay: true });
  const reply = await session.call(user.session.user.id, { path: '/api/sync', body: questionOf(user, batch) });
  for (const entry of batch) entry.underWay = false;
  if (reply === 'offline' || reply === 'signed_out') return { kind: reply };
  if ('revoked' in reply) return { kind: 'revoked', order: reply.revoked };
  const heard = heardOf(reply);
  if (heard.kind === 'answer') user.clock.learn(heard.answer.serverTime, sentAt, now());
  return heard;
};

const questionOf = ({ meta }: OpenUser, batch: readonly Entry[]): SyncQuestion => ({
  protocol: 1,
  cursor: meta.cursor,
  limit: PAGE_OPS,
  bytes: PAGE_BYTES,
  ...(meta.wants.length === 0 ? {} : { want: meta.wants.slice(0, WANT_MAX) }),
  ...(meta.mark === undefined ? {} : { mark: meta.mark }),
  ...(batch.length === 0 ? {} : { events: batch.flatMap(({ unit }) => unit.events) }),
});

const isAnswer = ({ status, body }: Reply): boolean => status === 200 && Array.isArray(body['results']);

const heardOf = (reply: Reply): Heard => {
  const { status, body, retryAfterMs, wipeOrder } = reply;
  if (isAnswer(reply)) return { kind: 'answer', answer: body as unknown as SyncAnswer, wipeOrder };
  const code = body['code'];
  if (code === 'cursor_reset' || code === 'cursor_invalid') return { kind: 'reset' };
  const message = typeof body['detail'] === 'string' ? body['detail'] : `the server answers ${status}`;
  if (status === 400 || status === 413) return { kind: 'failed', atOnce: true, message };
  if (status === 500 || status === 502 || status === 504) return { kind: 'failed', atOnce: false, message };
  return { kind: 'unavailable', retryAfterMs };
};
