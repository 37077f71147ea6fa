import type { Uuid } from '../../../../src/shared/base/ids.ts';
import type { Stage } from '../../../../src/shared/contract/events/pipeline.ts';
import type { LogEntry } from './log-entry.ts';

/** What the ids in events are called. */
export type Directory = ReadonlyMap<Uuid, string>;

interface Naming {
  readonly name?: string | null;
  readonly companyName?: string | null;
  readonly stages?: readonly Stage[];
  readonly stageId?: Uuid;
}

/** Names as the log tells them, the newest of each. */
export const directoryOf = (entries: readonly LogEntry[]): Directory => {
  const names = new Map<Uuid, string>();
  for (const { stream, type, data } of entries) {
    const { name, companyName, stages = [], stageId } = data as Naming;
    for (const stage of stages) names.set(stage.id, stage.name);
    if (stream.type === 'pipeline' && stageId !== undefined) {
      if (name) names.set(stageId, name);
      continue;
    }
    const label = name ?? (type === 'LeadCreated' ? companyName : undefined);
    if (label) names.set(stream.id, label);
  }
  return names;
};
