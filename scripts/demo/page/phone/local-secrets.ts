import type { SecretsPort } from '../../../../src/client/index.ts';

/** Stands in for a keychain, which browsers do not have. A real app on the web would keep less, and not here. */
export const localSecrets = (prefix: string): SecretsPort => ({
  getItem: async (key) => localStorage.getItem(prefix + key),
  setItem: async (key, value) => localStorage.setItem(prefix + key, value),
  removeItem: async (key) => localStorage.removeItem(prefix + key),
});
