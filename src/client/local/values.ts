import type { Json, JsonObject } from '../../shared/base/json.ts';
import type { LocalValues, Settings } from '../api.ts';
import type { OpenUser } from '../open-user.ts';
import { Refusal } from '../refusal.ts';
import type { ValueArea } from '../storage/client-store.ts';

type Users = () => Promise<OpenUser>;

const keep = async (users: Users, area: ValueArea, key: string, value: Json): Promise<void> => {
  const written = await (await users()).store.values.set(area, key, value);
  if (!written.ok) throw new Refusal('storage_full', written.error.message);
};
const read = async (users: Users, area: ValueArea, key: string): Promise<Json | undefined> =>
  ((await (await users()).store.values.get(area, key)) ?? undefined) as Json | undefined;

export const draftsOf = (users: Users): LocalValues => ({
  save: (key, value) => keep(users, 'draft', key, value),
  get: (key) => read(users, 'draft', key),
  remove: async (key) => (await users()).store.values.remove('draft', key),
  keys: async () => Array.from((await (await users()).store.values.list('draft')).keys()),
});

export const settingsOf = (users: Users): Settings => ({
  set: (key, value) => keep(users, 'setting', key, value),
  get: (key) => read(users, 'setting', key),
  all: async () => Object.fromEntries(await (await users()).store.values.list('setting')) as JsonObject,
});
