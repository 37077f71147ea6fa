import type { FastifyReply } from 'fastify';
import { isUuid } from '../../shared/base/ids.ts';
import type { JsonObject } from '../../shared/base/json.ts';
import { RESOURCES, type ResourceName } from '../resources/changes.ts';
import type { Saved, Target } from '../resources/record-writes.ts';
import { notFound } from './request-headers.ts';

/** The record that a path names. Throws `not_found` for what is no id. */
export const targetOf = (name: ResourceName, params: { readonly id: string }): Target => {
  if (!isUuid(params.id)) throw notFound(RESOURCES[name].word);
  return { name, id: params.id };
};

/** The new state, its version as ETag, and how far the log has come with it. */
export const sendSaved = (reply: FastifyReply, { record, version, position }: Saved): JsonObject => {
  reply.header('etag', `"${version}"`).header('x-log-position', position);
  return record;
};
