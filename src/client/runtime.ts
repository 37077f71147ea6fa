import type { FetchPort, Ports, TimersPort } from './ports.ts';
import { randomBytes } from './random.ts';
import { indexedKeyBox, type IndexedDbPort } from './vault/indexed-key-box.ts';
import { openNativeVault } from './vault/native-vault.ts';
import type { Vault } from './vault/vault.ts';
import { openWebVault, type SubtlePort } from './vault/web-vault.ts';

/** What the SDK looks for in its runtime where the app hands nothing in. None of it is in every runtime. */
interface Runtime {
  readonly fetch?: FetchPort;
  readonly setTimeout: (run: () => void, ms: number) => unknown;
  readonly clearTimeout: (timer: unknown) => void;
  readonly indexedDB?: IndexedDbPort;
  readonly crypto?: { readonly subtle?: SubtlePort };
}
const runtime = globalThis as unknown as Runtime;

export const fetchOf = ({ fetch }: Ports): FetchPort => {
  const found = fetch ?? runtime.fetch;
  if (found === undefined) throw new Error('createLeadZen: this runtime has no fetch, hand one in as `fetch`');
  // Browsers refuse to call it as a method of anything but the window.
  return (url, init) => found(url, init);
};

export const timersOf = ({ timers }: Ports): TimersPort =>
  timers ?? {
    set: (run, ms) => runtime.setTimeout(run, ms),
    clear: (timer) => runtime.clearTimeout(timer),
  };

/** Keys that cannot be exported where a browser offers them, else keys in the keychain. */
export const openVault = (
  { secrets, keysIn = 'browser' }: Ports,
  owner: { readonly workspaceId: string; readonly userId: string },
): Promise<Vault> => {
  const subtle = runtime.crypto?.subtle;
  const { indexedDB } = runtime;
  return keysIn === 'browser' && subtle !== undefined && indexedDB !== undefined
    ? openWebVault({ subtle, keys: indexedKeyBox(indexedDB), owner, randomBytes })
    : openNativeVault({ secrets, owner, randomBytes });
};
