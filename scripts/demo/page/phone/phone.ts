import { createAsyncStorage } from '@react-native-async-storage/async-storage';
import type { LeadZen } from '../../../../src/client/index.ts';
import { createLeadZen } from '../../../../src/client/index.ts';
import type { LocksPort } from '../../../../src/client/index.ts';
import type { Uuid } from '../../../../src/shared/base/ids.ts';
import type { Person, World } from '../../world.ts';
import { createStore, type Store } from '../store.ts';
import { localSecrets } from './local-secrets.ts';
import { createNetwork, type Network } from './network.ts';
import type { PhoneView } from './view.ts';

export type PhoneKey = 'ada' | 'ben';

/** One of the two phones: the SDK as an app has it, on a storage and a network of its own. */
export interface Phone {
  readonly key: PhoneKey;
  readonly person: Person;
  readonly userId: Uuid;
  readonly deviceId: Uuid;
  readonly role: string;
  readonly leadzen: LeadZen;
  readonly network: Network;
  readonly view: Store<PhoneView>;
}

// Two phones share this page, and must not take each other for a second tab.
const locksOf = (prefix: string): LocksPort => ({
  request: (name, { signal }, held) =>
    navigator.locks.request(prefix + name, signal instanceof AbortSignal ? { signal } : {}, held),
});

/** Switches a phone on; it signs in where it has not, or finds its session, its records and its outbox as it left them. */
export const switchOn = async (key: PhoneKey, { workspaceId, people }: World): Promise<Phone> => {
  const person = people[key];
  const prefix = `leadzen-demo/${workspaceId}/${key}/`;
  const network = createNetwork(`${prefix}network`);
  const leadzen = createLeadZen({
    baseUrl: location.origin,
    storage: createAsyncStorage(prefix),
    secrets: localSecrets(prefix),
    fetch: network.fetch,
    openSocket: network.openSocket,
    onOnline: network.onOnline,
    locks: locksOf(prefix),
    device: { name: `${person.name}'s phone`, platform: 'web' },
  });
  const { email, password } = person;
  const { user, deviceId } = (await leadzen.session()) ?? (await leadzen.signIn({ email, password }));
  const view = createStore<PhoneView>({ tab: 'deals' });
  return { key, person, userId: user.id, role: user.role, deviceId, leadzen, network, view };
};
