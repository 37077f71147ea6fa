import type { EventOp } from './answer.ts';

/** What no phone edits. */
const STREAMS: ReadonlySet<string> = new Set(['user', 'team', 'workspace', 'import', 'rate', 'quota', 'forecast']);
const EVENTS: ReadonlySet<string> = new Set(['RecordShared', 'RecordShareRevoked']);

/**
 * Whether an event is one that a phone never makes and seldom gets. It is not folded: the stream's state is asked for,
 * with the page that follows. So a phone downloads no schemas and rules of these (`client/left-out.ts`).
 */
export const comesByState = ({ stream, type }: Pick<EventOp, 'stream' | 'type'>): boolean =>
  STREAMS.has(stream.type) || EVENTS.has(type);
