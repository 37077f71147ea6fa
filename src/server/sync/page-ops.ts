/** The ops of an answer while it is being made, within its limits; what does not fit waits for the next one. */
export interface PageOps {
  readonly ops: readonly string[];
  /** How many more ops there is room for; 0 once one did not fit. */
  readonly room: () => number;
  /** False where the op does not fit. A first op always does. */
  readonly add: (op: string) => boolean;
  /** A part of the room that is left, at least one op of it. */
  readonly half: () => PageOps;
}

const ENTER = '{"op":"enter"';

/** @param limits the most ops, and the most UTF-8 bytes of all of them together */
export const createPageOps = (limits: { readonly limit: number; readonly bytes: number }): PageOps => {
  const ops: string[] = [];
  // Of one moment: what enters twice, found by the log and by a backfill, enters alike.
  const entered = new Set<string>();
  let bytes = limits.bytes;
  let full = false;

  const room = (): number => (full ? 0 : Math.max(0, limits.limit - ops.length));
  const add = (op: string): boolean => {
    const enters = op.startsWith(ENTER);
    if (enters && entered.has(op)) return true;
    const size = Buffer.byteLength(op);
    if (room() === 0 || (size > bytes && ops.length > 0)) {
      full = true;
      return false;
    }
    bytes -= size;
    ops.push(op);
    if (enters) entered.add(op);
    return true;
  };
  const half = (): PageOps => {
    const [most, floor] = [ops.length + Math.ceil(room() / 2), bytes / 2];
    const left = (): number => (bytes < floor ? 0 : Math.max(0, Math.min(room(), most - ops.length)));
    const part: PageOps = {
      ops,
      room: left,
      half: () => part,
      add: (op) => (left() > 0 || entered.has(op)) && add(op),
    };
    return part;
  };
  return { ops, room, add, half };
};
