import { canonicalJson } from '../../../src/shared/base/canonical-json.ts';
import type { Json } from '../../../src/shared/base/json.ts';
import { allDeals, allLeads } from './director/find.ts';
import type { Phone } from './phone/phone.ts';

const SHOWN = 6;

const hex = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** A short hash of all leads and deals as somebody sees them on this phone. Equal records, equal fingerprints. */
export const fingerprintOf = async (phone: Phone): Promise<string> => {
  const records = [...(await allDeals(phone)), ...(await allLeads(phone))]
    // What a phone knows about a record's journey is its own: only what people see must agree.
    .map(({ version: _version, updatedAt: _updatedAt, createdAt: _createdAt, ...shown }) => shown)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const text = canonicalJson(records as unknown as Json);
  return hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))).slice(0, SHOWN);
};
