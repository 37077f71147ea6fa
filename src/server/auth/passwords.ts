import { hash, verify } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import { Problem } from '../../shared/contract/problem.ts';

/** OWASP's first choice for argon2id: 19 MiB and some 25 ms of one core. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const RUNNING_MAX = 2;
const WAITING_MAX = 20;

export interface Passwords {
  /** @throws Problem overloaded */
  hash(password: string): Promise<string>;
  /** Takes as long for somebody who does not exist as for a wrong password. @throws Problem overloaded */
  matches(password: string, hash: string | undefined): Promise<boolean>;
}

/** Runs at most two at once, and refuses what would wait behind twenty others: hashing must not starve the pushes. */
const boundedTurns = () => {
  const waiting: (() => void)[] = [];
  let running = 0;
  const enter = async (): Promise<void> => {
    if (running < RUNNING_MAX) {
      running += 1;
      return;
    }
    if (waiting.length >= WAITING_MAX)
      throw new Problem('overloaded', 'Too many people are signing in. Try again in a second.');
    // The turn is handed over, so `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return async <T>(work: () => Promise<T>): Promise<T> => {
    await enter();
    try {
      return await work();
    } finally {
      leave();
    }
  };
};

export const createPasswords = (): Passwords => {
  const inTurn = boundedTurns();
  let nobody: Promise<string> | undefined;
  const hashOfNobody = (): Promise<string> => (nobody ??= hash(randomBytes(32), COST));
  return {
    hash: (password) => inTurn(() => hash(password, COST)),
    matches: (password, known) =>
      inTurn(async () => {
        const stored = known ?? (await hashOfNobody());
        return (await verify(stored, password)) && known !== undefined;
      }),
  };
};
