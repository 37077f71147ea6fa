import { Problem, type ProblemCode } from '../../shared/contract/problem.ts';
import { isWrongState, type FieldError, type Rejection } from '../../shared/contract/rejections.ts';
import type { PushResult } from '../../shared/contract/sync.ts';

const withoutPrefix = ({ path, message }: FieldError): FieldError => ({
  path: path === 'data' ? '' : path.replace(/^data\./, ''),
  message,
});

const FIELD_FIRST = /^[a-z]+(?:[A-Z]|[\w.]*:)/;
const sentence = (text: string): string => {
  const plain = text.replaceAll(/\bdata(\.|: )/g, '');
  const full = /[.!?]$/.test(plain) ? plain : `${plain}.`;
  // The name of a field stays as it is written.
  return FIELD_FIRST.test(full) ? full : `${full.charAt(0).toUpperCase()}${full.slice(1)}`;
};

const CODES: Readonly<Record<Rejection['code'], ProblemCode>> = {
  invalid: 'invalid_request',
  forbidden: 'forbidden',
  archived: 'archived',
  // Of the record itself: what one writes to was found before. A reference that leads nowhere carries its field.
  unknown_stream: 'not_found',
  unknown_type: 'internal',
  id_reuse: 'id_reuse',
  blocked: 'invalid_request',
  already_resolved: 'already_resolved',
};

/** The problem that a refused event means for the REST request that stood for it. */
export const problemOfRejection = (rejection: Rejection): Problem => {
  const { code, message, fields } = rejection;
  if (isWrongState(rejection)) return new Problem('wrong_state', sentence(message));
  if (fields === undefined) return new Problem(CODES[code], sentence(message));
  const errors = fields.map(withoutPrefix);
  return new Problem(code === 'unknown_stream' ? 'invalid_request' : CODES[code], sentence(message), { errors });
};

/** The refusal that the others of a group are blocked by, if the group was refused. */
export const refusalAmong = (results: readonly PushResult[]): Rejection | undefined => {
  const refused = results.filter((result): result is PushResult & Rejection => 'code' in result);
  return refused.find(({ code }) => code !== 'blocked') ?? refused[0];
};
