import type { FastifyInstance, FastifyReply } from 'fastify';
import { Problem } from '../../shared/contract/problem.ts';
import { networkOf } from '../auth/network.ts';
import type { Session } from '../auth/auth.ts';

declare module 'fastify' {
  interface FastifyInstance {
    requestLimits: RequestLimits | null;
  }
}

/** Requests a minute, of each; also how many may come at once after a pause. */
export interface RequestQuotas {
  readonly address: number;
  readonly account: number;
  readonly device: number;
}

/**
 * Against floods, not against work: a phone syncs a few times a minute, and one that comes back after days with a full
 * outbox, or a test that polls in a loop, stays below. An address may be a whole office.
 */
export const REQUEST_QUOTAS: RequestQuotas = { address: 120_000, account: 60_000, device: 30_000 };

const WINDOW_S = 60;
const REMEMBERED_MAX = 50_000;

interface Left {
  readonly name: keyof RequestQuotas;
  /** Requests that may follow at once; negative: this one may not. */
  readonly remaining: number;
  /** Seconds until the quota is whole again. */
  readonly whole: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** A token bucket a key, in this process: a limit against floods need not be exact over servers. */
const createBuckets = (name: keyof RequestQuotas, quota: number) => {
  const buckets = new Map<string, Bucket>();
  const perMs = quota / (WINDOW_S * 1000);
  const bucketOf = (key: string, now: number): Bucket => {
    const known = buckets.get(key);
    if (known !== undefined) return known;
    const [oldest] = buckets.keys();
    if (buckets.size >= REMEMBERED_MAX && oldest !== undefined) buckets.delete(oldest);
    const fresh = { tokens: quota, at: now };
    buckets.set(key, fresh);
    return fresh;
  };
  return (key: string, now: number): Left => {
    const bucket = bucketOf(key, now);
    const tokens = Math.min(quota, bucket.tokens + (now - bucket.at) * perMs) - 1;
    bucket.at = now;
    // What is refused uses nothing up.
    bucket.tokens = tokens < 0 ? tokens + 1 : tokens;
    return { name, remaining: Math.floor(tokens), whole: Math.ceil((quota - bucket.tokens) / perMs / 1000) };
  };
};

export interface RequestLimits {
  /** Before anything is known but the peer. @throws Problem rate_limited */
  readonly ofAddress: (address: string, reply: FastifyReply) => void;
  /** @throws Problem rate_limited */
  readonly ofSession: (session: Session, reply: FastifyReply) => void;
}

const POLICY = (names: readonly (keyof RequestQuotas)[], quotas: RequestQuotas): string =>
  names.map((name) => `"${name}";q=${quotas[name]};w=${WINDOW_S}`).join(', ');

/** https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10 */
export const createRequestLimits = (quotas: RequestQuotas, now: () => number = Date.now): RequestLimits => {
  const address = createBuckets('address', quotas.address);
  const account = createBuckets('account', quotas.account);
  const device = createBuckets('device', quotas.device);
  const [unknown, known] = [POLICY(['address'], quotas), POLICY(['address', 'account', 'device'], quotas)];
  const judge = (left: readonly Left[], policy: string, reply: FastifyReply): void => {
    const least = left.reduce((a, b) => (b.remaining < a.remaining ? b : a));
    reply.header('ratelimit-policy', policy);
    reply.header('ratelimit', `"${least.name}";r=${Math.max(0, least.remaining)};t=${least.whole}`);
    if (least.remaining >= 0) return;
    const retryAfter = Math.max(1, Math.ceil(WINDOW_S / quotas[least.name]));
    throw new Problem('rate_limited', `Too many requests of this ${least.name}. Slow down.`, { retryAfter });
  };
  return {
    ofAddress: (ip, reply) => judge([address(networkOf(ip), now())], unknown, reply),
    ofSession: ({ principal: { workspaceId, userId, deviceId } }, reply) => {
      const time = now();
      judge([account(workspaceId + userId, time), device(workspaceId + deviceId, time)], known, reply);
    },
  };
};

/** Limits the calls of the API, if there are quotas; sessions are counted where they are known (authenticated.ts). */
export const limitRequests = (app: FastifyInstance, quotas: RequestQuotas | undefined): void => {
  const limits = quotas === undefined ? null : createRequestLimits(quotas);
  app.decorate('requestLimits', limits);
  if (limits === null) return;
  app.addHook('onRequest', (request, reply, done) => {
    if (request.url.startsWith('/api/')) limits.ofAddress(request.ip, reply);
    done();
  });
};
