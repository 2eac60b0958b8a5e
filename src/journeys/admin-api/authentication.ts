import type { Context } from 'koa';
import { type Acting, roleOfScope } from '../../domain/operators/index.ts';
import { EidError } from '../../platform/errors.ts';
import { notesOf } from '../../platform/request.ts';
import type { AdminApiParts } from './parts.ts';

/** What the tokens are for (RFC 8707): the address that everything stands below. */
export const resourceOf = (issuer: string): string => `${issuer}/admin/v1`;

/**
 * Who acts: token → program → operator, each as it stands at this moment, so that a revoked program, a suspended operator and a
 * role that is gone end with the next request. Nobody by a cookie, and no token from the address (RFC 6750 §2.3).
 */
export async function authenticate(
  ctx: Context,
  { issuer, token: find, apiClients }: Pick<AdminApiParts, 'issuer' | 'token' | 'apiClients'>,
): Promise<Acting> {
  const challenge = `Bearer realm="${resourceOf(issuer)}"`;
  const [, value] = /^Bearer ([A-Za-z0-9\-._~+/]{1,512}=*)$/i.exec(ctx.get('authorization')) ?? [];
  if (value === undefined) {
    ctx.set('WWW-Authenticate', challenge);
    throw new EidError('admin_api.unauthorized');
  }
  const token = await find(value);
  const good = token && !token.bound && token.audiences.includes(resourceOf(issuer));
  const granted = token?.scopes.flatMap((scope) => roleOfScope(scope) ?? []) ?? [];
  const acting = good ? await apiClients.acting(token.clientId, granted) : undefined;
  if (!acting) {
    ctx.set('WWW-Authenticate', `${challenge}, error="invalid_token"`);
    throw new EidError('admin_api.unauthorized');
  }
  notesOf(ctx.req).clientId = acting.clientId!;
  return acting;
}
