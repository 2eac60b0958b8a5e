import { setTimeout as pause } from 'node:timers/promises';
import { createRemoteJWKSet, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Context, Middleware } from 'koa';
import * as oidc from 'openid-client';
import { Refusal } from './refusal.ts';

/** Reads the provider's metadata. It may start after us: ask until it answers. */
export async function findProvider(
  issuer: string,
  clientId: string,
  auth: oidc.ClientAuth,
): Promise<oidc.Configuration> {
  const server = new URL(issuer);
  // Plain http is for a provider on this very machine; anywhere else openid-client refuses it.
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(server.hostname);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await oidc.discovery(server, clientId, {}, auth, { execute: local ? [oidc.allowInsecureRequests] : [] });
    } catch (error) {
      if (attempt % 20 === 0) console.error(`waiting for ${issuer}: ${error instanceof Error ? error.message : error}`);
      await pause(500);
    }
  }
}

/** The provider's own name (a URL) for a level. A test provider has names of its own, so a test never counts as real. */
export function contextNamed(config: oidc.Configuration, name: string): string {
  const known = config.serverMetadata().acr_values_supported?.find((acr) => acr.endsWith('/level-2'));
  if (!known) throw new Refusal('SenID này không nói về mức độ.', 'This provider does not speak of levels.');
  return `${known.slice(0, -'level-2'.length)}${name}`;
}

/** Reads what the provider signs for us and for nobody else; nothing for a token that is none. */
function tokenReader(provider: Promise<oidc.Configuration>, clientId: string, rules: JWTVerifyOptions) {
  let keys: ReturnType<typeof createRemoteJWKSet> | undefined;
  return async (token: unknown): Promise<JWTPayload | undefined> => {
    const { issuer, jwks_uri = '' } = (await provider).serverMetadata();
    keys ??= createRemoteJWKSet(new URL(jwks_uri));
    return jwtVerify(String(token), keys, { issuer, audience: clientId, maxTokenAge: '5m', ...rules }).then(
      ({ payload }) => payload,
      () => undefined,
    );
  };
}

const bodyOf = (ctx: Context): unknown => (ctx.request as { body?: unknown }).body;

/** Whom a logout token signs out: one session of theirs, or (without `sid`) the person. */
type SignedOut = (who: { sid?: unknown; sub?: unknown } | undefined) => boolean;

/** The provider tells us, server to server, that somebody signed out: OpenID Connect Back-Channel Logout 1.0, 2.6. */
export function backchannelLogout(
  provider: Promise<oidc.Configuration>,
  clientId: string,
  endSessions: (concerns: SignedOut) => void,
): Middleware {
  const read = tokenReader(provider, clientId, { typ: 'logout+jwt', requiredClaims: ['exp', 'jti', 'events'] });
  return async (ctx) => {
    const token = await read((bodyOf(ctx) as { logout_token?: string } | undefined)?.logout_token);
    const events = token?.events as Record<string, unknown> | undefined;
    const meant = events?.['http://schemas.openid.net/event/backchannel-logout'] !== undefined;
    // An ID token has a nonce: it must not be replayed here as a logout token.
    if (!token || !meant || token.nonce !== undefined || (token.sid ?? token.sub) === undefined) {
      ctx.status = 400;
      ctx.body = { error: 'invalid_request' };
      return;
    }
    endSessions((who) => who !== undefined && (token.sid ? who.sid === token.sid : who.sub === token.sub));
    ctx.status = 200;
    ctx.body = '';
  };
}

/**
 * The provider tells us what has happened between it and one of our people: a security event token (RFC 8417), pushed as
 * RFC 8935 says. Our 202 says that we took it. `happened` gets the event by the last part of its name; where the event names an
 * address to confirm at, we say there that we have stopped, once we have.
 */
export function securityEvents(
  provider: Promise<oidc.Configuration>,
  clientId: string,
  happened: (event: string, sub: string) => void,
): Middleware {
  const read = tokenReader(provider, clientId, { typ: 'secevent+jwt', requiredClaims: ['jti', 'events', 'sub_id'] });
  const taken = new Set<unknown>();
  return async (ctx) => {
    const token = await read(bodyOf(ctx));
    const about = token?.sub_id as { format?: string; iss?: string; sub?: string } | undefined;
    if (!token || about?.format !== 'iss_sub' || about.iss !== token.iss || about.sub === undefined) {
      ctx.status = 400;
      ctx.body = { err: 'invalid_request', description: 'No security event for this recipient.' };
      return;
    }
    // An answer that got lost is asked for again: the event has happened once all the same.
    if (!taken.has(token.jti))
      for (const [name, detail] of Object.entries(token.events as Record<string, { confirmation_uri?: string }>)) {
        happened(name.slice(name.lastIndexOf('/') + 1), about.sub);
        const at = detail.confirmation_uri;
        // What fails here throws: the event comes again, and with it the next try. To no address but the provider's own.
        if (!at?.startsWith(`${about.iss}/`)) continue;
        const { ok, status } = await fetch(at, { method: 'POST', signal: AbortSignal.timeout(5_000) });
        if (!ok) throw new Error(`what we confirm is answered with ${status}`);
      }
    taken.add(token.jti);
    ctx.status = 202;
  };
}
