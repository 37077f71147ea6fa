// A phone as far as pulling goes, written after page 2's rules for clients alone.

interface Op {
  readonly op: 'enter' | 'event' | 'leave';
  readonly position: number;
  readonly version: number;
  readonly stream?: { readonly type: string; readonly id: string };
  readonly scope?: string;
  readonly root?: string;
  readonly state: Record<string, unknown>;
  readonly data: Record<string, unknown>;
}

export interface Answer {
  readonly head: number;
  readonly from: string | null;
  readonly cursor: string;
  readonly through: number;
  readonly upToDate: boolean;
  readonly ops: readonly Op[];
}

interface Held {
  readonly version: number;
  readonly label: string | undefined;
  readonly root: string;
  readonly scope: string | undefined;
}

/** What tells one state of a thing from another; people and teams are told by their version alone. */
const labelIn = (type: string, fields: Record<string, unknown>): string | undefined => {
  if (type === 'user' || type === 'team' || type === 'workspace') return undefined;
  const label = fields['name'] ?? fields['body'] ?? fields['subject'] ?? fields['note'];
  return typeof label === 'string' ? label : undefined;
};

export const createNaiveClient = () => {
  let held = new Map<string, Held>();
  const wanted = new Map<string, { type: string; id: string }>();
  let cursor: string | null = null;
  let upToDate = false;
  let through = 0;

  const drop = (isGone: (root: string, held: Held | undefined) => boolean): void => {
    held = new Map([...held].filter(([, thing]) => !isGone(thing.root, held.get(thing.root))));
  };

  const apply = (op: Op): void => {
    const { stream } = op;
    if (op.op === 'leave') {
      if (stream === undefined) return drop((_root, thing) => thing?.scope === op.scope);
      wanted.delete(stream.id);
      held.delete(stream.id);
      return drop((root) => root === stream.id);
    }
    if (stream === undefined) throw new Error(`an ${op.op} names its stream`);
    const { type, id } = stream;
    const before = held.get(id);
    const isRoot = op.root === undefined || op.root === id;
    const place = { root: op.root ?? id, scope: isRoot ? op.scope : undefined };
    if (op.op === 'enter') {
      wanted.delete(id);
      if (op.version >= (before?.version ?? 0))
        held.set(id, { version: op.version, label: labelIn(type, op.state), ...place });
    } else if (op.version === (before?.version ?? 0) + 1) {
      held.set(id, { version: op.version, label: labelIn(type, op.data) ?? before?.label, ...place });
    } else if (op.version > (before?.version ?? 0)) wanted.set(id, stream);
  };

  return {
    request: () => ({ cursor, want: [...wanted.values()].slice(0, 20) }),
    upToDate: () => upToDate && wanted.size === 0,
    receive: (answer: Answer): void => {
      if (answer.from !== cursor) throw new Error('an answer to another question');
      if (answer.through < through) throw new Error(`through went back from ${through} to ${answer.through}`);
      for (const op of answer.ops) apply(op);
      ({ cursor, upToDate, through } = answer);
      if (upToDate) drop((_root, thing) => thing === undefined);
    },
    /** Version and label of everything, by id; an activity whose root is missing is not shown. */
    view: (): Map<string, string> =>
      new Map(
        [...held]
          .filter(([, { root }]) => held.has(root))
          .map(([id, { version, label }]) => [id, label === undefined ? String(version) : `${version} ${label}`]),
      ),
  };
};
