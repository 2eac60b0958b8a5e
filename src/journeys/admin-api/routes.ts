import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Acting, DoneAnswer, KeptAnswer, Taken } from '../../domain/operators/index.ts';
import { may, wayOf } from '../../domain/operators/index.ts';
import { EidError } from '../../platform/errors.ts';
import { notesOf } from '../../platform/request.ts';
import { authenticate } from './authentication.ts';
import { changeRequestOperations } from './change-requests.ts';
import { clientOperations } from './clients.ts';
import { createCursors } from './cursors.ts';
import { openapi } from './openapi.ts';
import type { Operation } from './operation.ts';
import type { AdminApiParts } from './parts.ts';
import { peopleOperations } from './people.ts';
import { insufficientScope, invalidRequest } from './problems.ts';
import { readRequest } from './requests.ts';
import { standingOperations } from './standing.ts';

const BASE = '/admin/v1';

/** Every operation, in the order of the document. */
export function operationsOf(parts: AdminApiParts): readonly Operation[] {
  const tools = { cursors: createCursors(parts.sealer) };
  return [
    ...clientOperations(parts, tools),
    ...changeRequestOperations(parts, tools),
    ...standingOperations(parts, tools),
    ...peopleOperations(parts, tools),
  ];
}

/** The console's acts for programs: who, may they, what is asked, was it asked before, do it. */
export function adminApiRoutes(parts: AdminApiParts): Router {
  const router = new Router({ prefix: BASE });
  const operations = operationsOf(parts);
  router.use(forPrograms);
  const document = JSON.stringify(openapi(operations, parts), undefined, 2);
  router.get('/openapi.json', (ctx) => {
    ctx.set('Access-Control-Allow-Origin', '*');
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.type = 'application/json';
    ctx.body = document;
  });
  for (const operation of operations) {
    router[operation.method](operation.path.replace(/\{(\w+)\}/g, ':$1'), async (ctx) => {
      const acting = await authenticate(ctx, parts);
      try {
        assertAllowed(operation, acting.roles);
        const asked = await readRequest(ctx, operation);
        const act = async (): Promise<DoneAnswer> =>
          answerOf(operation, await operation.act({ ...asked, acting } as never));
        send(ctx, operation.method === 'get' ? await act() : await once(ctx, parts, acting.clientId!, act));
      } catch (error) {
        await tellRefusal(error, { operation, acting, parts });
        throw error;
      }
    });
  }
  router.all('{/*rest}', (ctx) => {
    const known = operations.filter(({ path }) => matches(path, ctx.path.slice(BASE.length)));
    if (known.length === 0) throw new EidError('http.not_found');
    ctx.set('Allow', known.map(({ method }) => (method === 'get' ? 'GET, HEAD' : method.toUpperCase())).join(', '));
    throw new EidError('http.method_not_allowed');
  });
  return router;
}

/** Whatever goes wrong below is told as a problem document; of missing roles the header says which would do (RFC 6750 §3). */
const forPrograms: Middleware = async (ctx, next) => {
  notesOf(ctx.req).program = true;
  try {
    await next();
  } catch (error) {
    if (error instanceof EidError && error.code === 'admin_api.insufficient_scope') {
      const scopes = (error.members.scopes as readonly string[] | undefined) ?? [];
      ctx.set('WWW-Authenticate', `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"`);
    }
    throw error;
  }
};

function assertAllowed({ permission }: Operation, roles: Parameters<typeof may>[0]): void {
  if (permission === 'own') return;
  const any = typeof permission === 'string' ? [permission] : permission;
  if (!any.some((one) => may(roles, one))) throw insufficientScope(any);
}

/** A role that is missing, for the journal as the console writes it. `route` is the pattern, never the address. */
async function tellRefusal(
  error: unknown,
  { operation, acting, parts }: { operation: Operation; acting: Acting; parts: AdminApiParts },
): Promise<void> {
  // Without a permission it is the step of a change request, which has been written down with the request.
  if (!(error instanceof EidError) || error.code !== 'admin_api.insufficient_scope' || !error.facts.permission) return;
  const { permission } = error.facts;
  const [route, method] = [`${BASE}${operation.path}`, operation.method.toUpperCase()];
  const detail = { why: 'permission', permission, route, method, operator: acting.operatorId, ...wayOf(acting) };
  const actor = { kind: 'operator', id: acting.operatorId } as const;
  await parts.write([parts.journal.append({ type: 'operator.refused', actor, detail })]);
}

/** An answer as it leaves: what its schema describes of it, and nothing else. */
function answerOf(
  { answer: schema, status = 200 }: Operation,
  { body, revision, location }: Awaited<ReturnType<Operation['act']>>,
): DoneAnswer {
  const headers = {
    ...(revision === undefined ? {} : { ETag: `"${revision}"` }),
    ...(status === 201 && location !== undefined ? { Location: `${BASE}${location}` } : {}),
  };
  return { status, headers, body: JSON.stringify(schema.parse(JSON.parse(JSON.stringify(body)))) };
}

/**
 * What the domain said no to, for what it found: asked again under the same key it is the same no, whatever has become of it
 * since (draft-ietf-httpapi-idempotency-key-header §2.6). What is wrong with a request by itself is told before anything is
 * looked at, and who may ask is looked at each time: neither uses up a key. After a fault of ours nobody knows whether it was done
 * (the connection may have gone while PostgreSQL committed): the key stays taken, and nothing is done under it again.
 */
const KEPT_REFUSALS: ReadonlySet<string> = new Set(
  (
    [
      ...[
        'own_proposal',
        'wrong_person',
        'not_found',
        'changed',
        'not_open',
        'stale',
        'same',
        'not_reversible',
        'faulty',
        'bad_time',
      ],
      'not_replayable',
    ] as const
  ).map((code) => `admin_api.${code}`),
);

const BY_KEY = {
  at_work: 'admin_api.key_at_work',
  unanswered: 'admin_api.key_unanswered',
  other_request: 'admin_api.key_reused',
} as const satisfies Record<Extract<Taken, { refused: string }>['refused'], string>;

/** Does it, or answers again what was answered under this key. */
async function once(
  ctx: Context,
  { keptAnswers }: Pick<AdminApiParts, 'keptAnswers'>,
  clientId: string,
  act: () => Promise<DoneAnswer>,
): Promise<DoneAnswer> {
  const key = ctx.get('idempotency-key');
  if (key === '') return act();
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw invalidRequest([{ path: 'Idempotency-Key', message: '1 to 255 visible characters.' }]);
  const request = [ctx.method, ctx.originalUrl, ctx.get('if-match'), ctx.request.rawBody ?? ''];
  const taken = await keptAnswers.take({ clientId, key }, JSON.stringify(request));
  if (!taken.first) {
    if ('answer' in taken) return again(taken.answer);
    if (taken.refused === 'at_work') ctx.set('Retry-After', '1');
    throw new EidError(BY_KEY[taken.refused]);
  }
  let answer: DoneAnswer;
  try {
    answer = await act();
  } catch (error) {
    if (error instanceof EidError && KEPT_REFUSALS.has(error.code))
      await taken.keep({ refused: error.code, members: error.members });
    else if (error instanceof EidError && error.status < 500) await taken.release();
    throw error;
  }
  await taken.keep(answer);
  return answer;
}

/** What was answered: done, or refused once more, in the words and under the request id of whoever asks now. */
function again(answer: KeptAnswer): DoneAnswer {
  if ('refused' in answer) throw new EidError(answer.refused, { members: answer.members });
  return answer;
}

function send(ctx: Context, { status, headers, body }: DoneAnswer): void {
  ctx.status = status;
  ctx.set(headers);
  ctx.type = 'application/json';
  ctx.body = body;
}

const matches = (path: string, asked: string): boolean => {
  const [want, have] = [path.split('/'), asked.split('/')];
  return want.length === have.length && want.every((part, at) => part.startsWith('{') || part === have[at]);
};
