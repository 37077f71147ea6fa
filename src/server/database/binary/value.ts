import { type Growing, FIXED_BYTES, makeRoom, writeInt32 } from './bytes.ts';

/**
 * Writes a value as PostgreSQL's binary form of its type, its length in front. There is room for values of fixed size;
 * others make it.
 *
 * @throws ValueRefused where the type has no such value
 */
export type WriteValue = (out: Growing, value: unknown) => void;

/** A type has no such value; with the SQLSTATE of what PostgreSQL itself refuses as data. */
export class ValueRefused extends TypeError {
  readonly code = '22000';
}

export const refuse = (value: unknown, type: string): never => {
  throw new ValueRefused(`${JSON.stringify(value)} is no ${type}`);
};

/** The same refusal, saying where. */
export const refusedAt = (place: string, error: unknown): unknown =>
  error instanceof ValueRefused ? new ValueRefused(`${place}: ${error.message}`, { cause: error }) : error;

const NULL = -1;

/** Writes a value, or that there is none. */
export const writeField = (out: Growing, write: WriteValue, value: unknown): void => {
  makeRoom(out, FIXED_BYTES);
  if (value === null || value === undefined) writeInt32(out, NULL);
  else write(out, value);
};
