import type { Uuid } from '../../shared/base/ids.ts';
import { createdAtOf, updatedAtOf } from '../view/confirmed.ts';
import type { View } from '../view/view.ts';
import type { Viewed } from '../view/viewed.ts';
import type { RecordOf } from './types.ts';

/** A record as the app reads it. */
export const recordOf = <State>(viewed: Viewed): RecordOf<State> =>
  ({
    ...viewed.state,
    id: viewed.id,
    version: viewed.confirmedVersion,
    createdAt: createdAtOf(viewed.clocks),
    updatedAt: updatedAtOf(viewed.clocks),
    needsUpdate: viewed.needsUpdate,
  }) as RecordOf<State>;

/** A record of a type, where it is on view. */
export const findRecord = (view: View, type: string, id: Uuid): Viewed | undefined => {
  const found = view.get(id);
  return found?.type === type && view.isShown(found) ? found : undefined;
};
