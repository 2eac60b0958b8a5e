import { calculateJwkThumbprint, decodeProtectedHeader } from 'jose';
import type { ParameterizedContext } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/database.ts';
import { tokenHash } from '../../platform/ids.ts';
import { createSealer } from '../../platform/sealed.ts';
import { Secret } from '../../platform/secret.ts';
import type { UnitOfWork } from '../../platform/unit-of-work.ts';
import { keepAnswer, keptAnswer } from './refresh-answer-store.ts';
import { isUnspent } from './token-store.ts';

/** For how many seconds after a rotation the same request gets the same answer (domain.md, Tokens). */
export const RETRY_WINDOW = 10;

/** Lets a public client whose first answer was lost on the way ask again, without a second token coming into being. */
export interface RefreshRetry {
  /** Keeps the answer to a rotation, sealed, with the change that spends the old token. */
  keep(ctx: ParameterizedContext, unit: UnitOfWork): Promise<void>;
  /** The answer to the same request of the same client and key, byte for byte, while the window is open. */
  answer(ctx: ParameterizedContext): Promise<string | undefined>;
}

type Library = KoaContextWithOIDC['oidc'] | undefined;

/** What must be the same for an answer to be the same; it is authenticated with the seal. */
async function sameness(ctx: ParameterizedContext, oidc: NonNullable<Library>, id: Buffer): Promise<string> {
  const proof = ctx.get('DPoP');
  // The library has verified the proof before anything is kept or answered; this only names its key.
  const jwk = proof ? decodeProtectedHeader(proof).jwk : undefined;
  const jkt = jwk ? await calculateJwkThumbprint(jwk) : null;
  const { scope, resource } = oidc.params ?? {};
  return JSON.stringify([id.toString('hex'), oidc.client?.clientId, jkt, scope ?? null, resource ?? null]);
}

// Only who holds the old token can open its answer: the key is derived from it and from nothing that we store.
const sealerFor = (token: string) => createSealer(new Secret(Buffer.from(token)), 'refresh retry');

function open(token: string, kept: Buffer, same: string): string | undefined {
  try {
    return sealerFor(token).open(kept, same);
  } catch {
    // Another key, scope or resource: not the request that was answered, so not a retry of it.
    return undefined;
  }
}

/** Answers kept in the database, so that the retry may arrive at another process. */
export function createRefreshRetry(parts: { database: Queryable; clock: Clock }): RefreshRetry {
  return {
    async keep(ctx, unit) {
      const oidc = ctx.oidc as Library;
      if (oidc?.route !== 'token' || ctx.status !== 200 || !('RotatedRefreshToken' in oidc.entities)) return;
      const token = String(oidc.params?.refresh_token);
      const id = tokenHash(token);
      const sealed = sealerFor(token).seal(JSON.stringify(ctx.body), await sameness(ctx, oidc, id));
      const until = new Date(parts.clock.now().getTime() + RETRY_WINDOW * 1000);
      unit.write(keepAnswer(id, sealed, until));
    },

    async answer(ctx) {
      const oidc = ctx.oidc as Library;
      if (!oidc) return undefined;
      const token = String(oidc.params?.refresh_token);
      const id = tokenHash(token);
      const kept = await keptAnswer(parts.database, id, parts.clock.now());
      if (!kept) return undefined;
      const opened = open(token, kept, await sameness(ctx, oidc, id));
      if (opened === undefined) return undefined;
      // Whoever has used the answer has had it: what comes now is no retry but a copy (abuse case 8).
      const { refresh_token: successor } = JSON.parse(opened) as { refresh_token?: string };
      return (await isUnspent(parts.database, String(successor))) ? opened : undefined;
    },
  };
}
