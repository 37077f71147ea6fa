import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readBody } from '../../../src/server/http/read-body.ts';
import type { Problem } from '../../../src/shared/contract/problem.ts';

const codeOf = (body: Promise<Buffer>): Promise<string> =>
  body.then(
    () => 'read',
    (error: Problem) => error.body.code,
  );

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a body that arrives slowly', () => {
  test('is given up after ten seconds with next to nothing', async () => {
    const stream = new PassThrough();
    const outcome = codeOf(readBody(stream, 1000));
    for (let second = 0; second < 10; second += 1) {
      stream.write('a');
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(await outcome).toBe('invalid_request');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is read to its end as long as it brings 4 KiB in ten seconds', async () => {
    const stream = new PassThrough();
    const body = readBody(stream, 1_000_000);
    for (let second = 0; second < 60; second += 1) {
      stream.write(Buffer.alloc(500, 'a'));
      await vi.advanceTimersByTimeAsync(1000);
    }
    stream.end();
    expect(await body).toHaveLength(30_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('a body whose client goes away is given up at once', async () => {
  const stream = new PassThrough();
  const outcome = codeOf(readBody(stream, 1000));
  stream.write('a');
  stream.destroy(new Error('reset'));
  expect(await outcome).toBe('invalid_request');
  expect(vi.getTimerCount()).toBe(0);
});
