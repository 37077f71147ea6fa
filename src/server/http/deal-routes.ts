import * as z from 'zod/mini';
import type { JsonObject } from '../../shared/base/json.ts';
import type { EventType } from '../../shared/contract/events/registry.ts';
import { loseBody, reopenBody, winBody } from '../resources/bodies.ts';
import type { RecordWrites } from '../resources/record-writes.ts';
import { principalOf } from './authenticated.ts';
import { sendSaved, targetOf } from './record-answer.ts';
import { idParams, record } from './record-schemas.ts';
import { writeHeaders, writeOptionsOf } from './request-headers.ts';
import type { App } from './zod-schemas.ts';

interface Move {
  readonly path: string;
  readonly type: EventType;
  readonly summary: string;
  readonly body: z.core.$ZodType;
}

const MOVES: readonly Move[] = [
  { path: 'win', type: 'DealWon', summary: 'Win a deal', body: z.nullish(winBody) },
  { path: 'lose', type: 'DealLost', summary: 'Lose a deal, and say why', body: loseBody },
  { path: 'reopen', type: 'DealReopened', summary: 'Reopen a closed deal', body: z.nullish(reopenBody) },
];

/** How deals end, and begin again. */
export const addDealMoves = (app: App, writes: RecordWrites): void => {
  for (const { path, type, summary, body } of MOVES) {
    app.post(
      `/api/deals/:id/${path}`,
      {
        schema: { tags: ['deals'], summary, params: idParams, body, headers: writeHeaders, response: { 200: record } },
      },
      async (request, reply) => {
        const { id } = targetOf('deals', request.params);
        const draft = { type, data: (request.body ?? {}) as JsonObject };
        return sendSaved(reply, await writes.moveDeal(principalOf(request), id, draft, writeOptionsOf(request)));
      },
    );
  }
};
