import type { Context } from 'koa';
import type { Client, InPersonPurpose } from '../../domain/relying-parties/index.ts';
import { EidError } from '../../platform/errors.ts';
import { notesOf } from '../../platform/request.ts';
import type { InPersonApiParts } from './parts.ts';

/** A client that may check people, with what it may check them for: as it is registered at this moment. */
export interface Verifier {
  readonly client: Client;
  readonly purposes: readonly InPersonPurpose[];
}

/** By a token of its own for this resource (RFC 6750, RFC 9449); nobody by a cookie, and no token from the address. */
export async function authenticate(ctx: Context, parts: InPersonApiParts): Promise<Verifier> {
  const { resource, scope } = parts;
  const challenge = (scheme: string, more = '') =>
    ctx.append('WWW-Authenticate', `${scheme} realm="${resource}"${more}`);
  const [, scheme = '', value] = /^(Bearer|DPoP) ([A-Za-z0-9\-._~+/]{1,512}=*)$/i.exec(ctx.get('authorization')) ?? [];
  if (value === undefined) {
    challenge('Bearer');
    challenge('DPoP', ', algs="ES256 PS256 EdDSA"');
    throw new EidError('in_person.unauthorized');
  }
  const kind = scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer';
  const token = await parts.token({
    ...{ scheme: kind, value, proof: ctx.get('dpop'), method: ctx.method },
    url: `${parts.issuer}${ctx.path}`,
  });
  const client = token?.audiences.includes(resource) ? await parts.client(token.clientId) : undefined;
  if (!token || !client || client.disabledAt) {
    challenge(kind, ', error="invalid_token"');
    throw new EidError('in_person.unauthorized');
  }
  notesOf(ctx.req).clientId = client.clientId;
  const { inPersonVerification } = client;
  // Taken away since the token was issued, or asked for without the scope.
  if (!inPersonVerification || !token.scopes.includes(scope)) {
    challenge(kind, `, error="insufficient_scope", scope="${scope}"`);
    throw new EidError('in_person.insufficient_scope');
  }
  return { client, purposes: inPersonVerification.purposes };
}
