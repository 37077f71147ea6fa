import type { BenchServer } from './bench-server.ts';

/** A request to the bench's server. @throws for an answer that is no success, with what it said */
export const call = async <Answer>(
  { port }: BenchServer,
  path: string,
  request: RequestInit,
  token = '',
): Promise<Answer> => {
  const headers = { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`http://127.0.0.1:${port}/api${path}`, { ...request, headers });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
};

export const post = (body: object, method = 'POST'): RequestInit => ({ method, body: JSON.stringify(body) });
