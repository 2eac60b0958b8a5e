import type { Middleware, ParameterizedContext } from 'koa';
import type { errors, KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { type UnitOfWork, type UnitsOfWork, type Write, writeTogether } from '../platform/unit-of-work.ts';
import type { SqlAdapter } from './sql-adapter.ts';
import { grantKey, revokeGrant } from './storage/grant-store.ts';
import type { Replay } from './storage/known-rows.ts';
import { LostWrite } from './storage/lost-write.ts';
import { createRefreshRetry } from './storage/refresh-retry.ts';
import { tokenKey } from './storage/token-store.ts';

/** What `unitOfWork` is made of. */
export interface RequestUnitParts {
  readonly units: UnitsOfWork;
  readonly database: Database;
  readonly adapter: SqlAdapter;
  readonly clock: Clock;
  /** The error page of the routes that a browser visits; the status is set. */
  renderError(ctx: KoaContextWithOIDC, out: ErrorOut, error: Error): void | Promise<void>;
  /** Called with the final answer, right before it is made true: the last moment to put the journal's events into the unit. */
  beforeFlush?(ctx: ParameterizedContext, unit: UnitOfWork): void | Promise<void>;
  /** What is written when a spent code or refresh token comes back and its grant is revoked: the journal's event, the notice. */
  onReplay?(replay: Replay): readonly Write[] | Promise<readonly Write[]>;
}

/** An error as the protocol writes it. */
export interface ErrorOut {
  readonly error: string;
  readonly error_description?: string;
}

/** Where somebody sits before the answer; anywhere else it is a program that reads JSON. */
const browserRoutes = new Set([
  'authorization',
  'resume',
  'end_session',
  'end_session_confirm',
  'end_session_success',
  'code_verification',
  'device_resume',
]);

/**
 * The outermost middleware of the provider and of every page that writes: one request is one unit of work. Its writes are
 * flushed as one statement before the answer leaves, also when the answer is a refusal (a replay revokes, then refuses);
 * nothing is written when it is a fault. A write that lost against another request takes the answer back.
 */
export function unitOfWork(parts: RequestUnitParts): Middleware {
  const retry = createRefreshRetry(parts);
  return (ctx, next) =>
    parts.units.run(async () => {
      await next();
      if (ctx.status >= 500) return;
      const unit = parts.units.current()!;
      const { replay } = parts.adapter.rows();
      if (replay && !(await retried(ctx, unit, replay))) {
        for (const write of (await parts.onReplay?.(replay)) ?? []) unit.write(write);
      }
      await retry.keep(ctx, unit);
      await parts.beforeFlush?.(ctx, unit);
      if (unit.pending === 0) return;
      if (ctx.res.headersSent) throw new Error('an answer left before its writes were flushed');
      try {
        await parts.units.flush();
      } catch (error) {
        takeBack(ctx);
        if (!(error instanceof LostWrite)) throw error;
        await answerLost(ctx, error);
      }
    });

  /** An honest retry gets its answer again, and the revocation that the library has prepared does not happen. */
  async function retried(ctx: ParameterizedContext, unit: UnitOfWork, replay: Replay): Promise<boolean> {
    if (replay.kind !== 'refresh_token') return false;
    const answer = await retry.answer(ctx);
    if (answer === undefined) return false;
    unit.drop(tokenKey('RefreshToken', String(ctx.oidc.params.refresh_token)));
    unit.drop(grantKey(replay.grantId));
    answerAgain(ctx, answer);
    return true;
  }

  async function answerLost(ctx: ParameterizedContext, lost: LostWrite): Promise<void> {
    if (lost.contested === 'refresh_token') {
      const answer = await retry.answer(ctx);
      if (answer !== undefined) return answerAgain(ctx, answer);
    }
    if (lost.grant && (lost.contested === 'authorization_code' || lost.contested === 'refresh_token')) {
      const { id: grantId, ...whose } = lost.grant;
      const events = (await parts.onReplay?.({ kind: lost.contested, grantId, ...whose })) ?? [];
      await writeTogether(parts.database, [revokeGrant(grantId, parts.clock.now()), ...events]);
    }
    await refuse(ctx, lost.answer);
  }

  async function refuse(ctx: ParameterizedContext, error: errors.OIDCProviderError): Promise<void> {
    const out: ErrorOut = {
      error: error.error,
      ...(error.error_description ? { error_description: error.error_description } : {}),
    };
    ctx.status = error.statusCode;
    const route = ctx.oidc?.route;
    if (route === undefined || browserRoutes.has(route)) {
      await parts.renderError(ctx as unknown as KoaContextWithOIDC, out, error);
      return;
    }
    if (route === 'userinfo') {
      ctx.set('WWW-Authenticate', `DPoP realm="${ctx.oidc.issuer}", error="${out.error}"`);
    }
    ctx.body = out;
  }
}

/** The answer that was made stands for nothing that was written. */
function takeBack(ctx: ParameterizedContext): void {
  ctx.remove('Location');
  ctx.remove('Set-Cookie');
  ctx.remove('Content-Type');
  ctx.body = null;
}

function answerAgain(ctx: ParameterizedContext, answer: string): void {
  ctx.status = 200;
  ctx.type = 'application/json; charset=utf-8';
  ctx.body = answer;
  // For the request log: this 200 issued nothing.
  ctx.state.refreshRetried = true;
}
