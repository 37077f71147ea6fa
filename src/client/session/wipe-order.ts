import type { Uuid } from '../../shared/base/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../shared/base/json.ts';
import { fromUtf8, toUtf8 } from '../utf8.ts';
import { fromBase64 } from '../vault/base64.ts';
import { verifyEd25519 } from './ed25519.ts';

/** What a device must do: destroy its data now, or push its outbox first. */
export type WipeMode = 'wipe-now' | 'flush-then-wipe';

/** The device that an order must name to be obeyed here. */
export interface Addressee {
  readonly deviceId: Uuid;
  readonly workspaceId: Uuid;
}

const bytesOfBase64url = (text: string): Uint8Array | undefined =>
  fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));

const partOf = (text: string): JsonObject | undefined => {
  const bytes = bytesOfBase64url(text);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(fromUtf8(bytes));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const keyOf = (keys: readonly Json[], kid: Json | undefined): Uint8Array | undefined => {
  const key = keys.find(
    (candidate) => isJsonObject(candidate) && candidate['kid'] === kid && candidate['crv'] === 'Ed25519',
  );
  const x = isJsonObject(key) ? key['x'] : undefined;
  return typeof x === 'string' ? bytesOfBase64url(x) : undefined;
};

/**
 * The mode of an order, a compact JWS of type `wipe+jwt`, if the server of these keys signed it for just this device.
 * Anything else, a bare 401 above all, is undefined and wipes nothing.
 */
export const readWipeOrder = (
  order: string,
  keys: readonly Json[],
  { deviceId, workspaceId }: Addressee,
): WipeMode | undefined => {
  const [protectedPart = '', payloadPart = '', signaturePart = '', ...rest] = order.split('.');
  const header = partOf(protectedPart);
  const payload = partOf(payloadPart);
  const signature = bytesOfBase64url(signaturePart);
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) return undefined;
  if (header['alg'] !== 'EdDSA' || header['typ'] !== 'wipe+jwt') return undefined;
  const key = keyOf(keys, header['kid']);
  if (key === undefined || !verifyEd25519(signature, toUtf8(`${protectedPart}.${payloadPart}`), key)) return undefined;
  const { iss, aud, did, ws, mode } = payload as Record<string, Json>;
  const isForUs = iss === 'leadzen' && aud === 'leadzen-device' && did === deviceId && ws === workspaceId;
  return isForUs && (mode === 'wipe-now' || mode === 'flush-then-wipe') ? mode : undefined;
};
