/** What is sealed apart, so that the cache can be shredded and the outbox kept. */
export type Area = 'outbox' | 'value' | 'cache';

/** `foreign`: sealed under a key that is not here; `tampered`: changed, cut off, or moved here from another key. */
export type Opened =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'foreign' | 'tampered' };

/** Seals what goes to disk, for one user. The storage key is bound into the seal. */
export interface Vault {
  seal(area: Area, key: string, text: string): Promise<string>;
  /** Never rejects for what is on disk. */
  open(area: Area, key: string, sealed: string): Promise<Opened>;
  /** A short word for a name, in letters and digits, that only who holds the key can make. */
  label(name: string): Promise<string>;
  /**
   * The session ran out: forgets the keys and destroys the cache's. The outbox and the values stay sealed until
   * a vault is opened for the same user again.
   */
  lock(): Promise<void>;
  /** Destroys every key: nothing that was sealed can ever be read again. */
  destroy(): Promise<void>;
}
