import type { Uuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import type { RegisterClocks } from '../../shared/contract/envelope.ts';
import type { Confirmed } from './confirmed.ts';

/** A record on view: confirmed, with what is pending folded on top. */
export interface Viewed {
  readonly id: Uuid;
  readonly type: string;
  readonly state: JsonObject;
  readonly clocks: RegisterClocks;
  /** Counts the pending events too. */
  readonly version: number;
  readonly confirmedVersion: number;
  readonly needsUpdate: boolean;
}

/** A record that nothing is pending for. */
export const viewOf = (record: Confirmed): Viewed => ({
  id: record.id,
  type: record.type,
  state: record.state,
  clocks: record.clocks,
  version: record.version,
  confirmedVersion: record.version,
  needsUpdate: record.opaque === true,
});
