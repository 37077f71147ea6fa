import * as z from 'zod/mini';
import {
  meAnswer,
  refreshRequest,
  signedIn,
  signInRequest,
  signUpRequest,
  tokens,
} from '../../shared/contract/identity.ts';
import { acceptRequest, passwordChange } from '../../shared/contract/people.ts';
import { requireSession, sessionOf } from './authenticated.ts';
import type { AppParts } from './parts.ts';
import type { App } from './zod-schemas.ts';

const tags = ['identity'];

/** How one gets in: these answer without an access token. */
export const signInRoutes =
  ({ auth }: Pick<AppParts, 'auth'>) =>
  async (app: App): Promise<void> => {
    app.post(
      '/api/auth/sign-up',
      {
        schema: {
          tags,
          summary: 'Make a workspace and its first admin',
          body: signUpRequest,
          response: { 201: signedIn },
        },
      },
      async (request, reply) => {
        const { answer, position } = await auth.signUp(request.body);
        return reply.code(201).header('x-log-position', position).send(answer);
      },
    );
    app.post(
      '/api/auth/sign-in',
      { schema: { tags, summary: 'Open a session', body: signInRequest, response: { 200: signedIn } } },
      (request) => auth.signIn(request.body, request.ip),
    );
    app.post(
      '/api/auth/refresh',
      {
        schema: {
          tags,
          summary: 'Exchange a refresh token for the next pair',
          body: refreshRequest,
          response: { 200: tokens },
        },
      },
      (request) => auth.refresh(request.body.refreshToken),
    );
    app.post(
      '/api/auth/accept-invitation',
      {
        schema: {
          tags,
          summary: 'Set a password with the token of an invitation, and open a session',
          body: acceptRequest,
          response: { 200: signedIn },
        },
      },
      async (request, reply) => {
        const { answer, position } = await auth.acceptInvitation(request.body);
        return reply.header('x-log-position', position).send(answer);
      },
    );
  };

export const sessionRoutes =
  ({ auth }: Pick<AppParts, 'auth'>) =>
  async (app: App): Promise<void> => {
    requireSession(app, auth);
    app.post(
      '/api/auth/sign-out',
      { schema: { tags, summary: 'Revoke this session', response: { 204: z.null() } } },
      async (request, reply) => {
        await auth.signOut(sessionOf(request));
        return reply.code(204).send();
      },
    );
    app.post(
      '/api/auth/change-password',
      {
        schema: {
          tags,
          summary: 'Change the own password; all other sessions end',
          body: passwordChange,
          response: { 204: z.null() },
        },
      },
      async (request, reply) => {
        await auth.changePassword(sessionOf(request), request.body);
        return reply.code(204).send();
      },
    );
    app.get('/api/me', { schema: { tags, summary: 'Who I am', response: { 200: meAnswer } } }, (request) =>
      auth.me(sessionOf(request)),
    );
  };
