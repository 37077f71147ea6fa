import { compactVerify, errors, SignJWT, type CompactJWSHeaderParameters } from 'jose';
import { isUuid, type Uuid } from '../../shared/base/ids.ts';
import type { SigningKeys } from './signing-keys.ts';

/** `wipe-now` for a revoked device; `flush-then-wipe` for a retired one, which may push its outbox first. */
export type WipeMode = 'wipe-now' | 'flush-then-wipe';

export interface WipeOrder {
  readonly workspaceId: Uuid;
  readonly deviceId: Uuid;
  /** The same in every copy of an order. */
  readonly nonce: string;
}

const TYPE = 'wipe+jwt';
const ISSUER = 'leadzen';
/** Not the one of access tokens: neither is ever taken for the other. */
const AUDIENCE = 'leadzen-device';

/** An order that the device's app can check against /.well-known/jwks.json: `{did, ws, nonce, mode, iat}`, a compact JWS. */
export const signWipeOrder = async (keys: SigningKeys, order: WipeOrder, mode: WipeMode): Promise<string> => {
  const { kid, privateKey } = await keys.signer();
  return new SignJWT({ did: order.deviceId, ws: order.workspaceId, nonce: order.nonce, mode })
    .setProtectedHeader({ alg: 'EdDSA', typ: TYPE, kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .sign(privateKey);
};

const orderIn = (payload: Uint8Array): WipeOrder | undefined => {
  const { iss, aud, did, ws, nonce } = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
  if (iss !== ISSUER || aud !== AUDIENCE || !isUuid(did) || !isUuid(ws) || typeof nonce !== 'string') return undefined;
  return { workspaceId: ws, deviceId: did, nonce };
};

/** What an order says; undefined for whatever we did not sign as one. */
export const readWipeOrder = async (keys: SigningKeys, order: string): Promise<WipeOrder | undefined> => {
  const keyOf = async ({ kid }: CompactJWSHeaderParameters) => {
    const key = typeof kid === 'string' ? await keys.anyVerifier(kid) : undefined;
    if (key === undefined) throw new errors.JWSInvalid('unknown key');
    return key;
  };
  try {
    const { payload, protectedHeader } = await compactVerify(order, keyOf, { algorithms: ['EdDSA'] });
    return protectedHeader.typ === TYPE ? orderIn(payload) : undefined;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
};
