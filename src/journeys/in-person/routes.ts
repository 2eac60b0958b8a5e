import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { PICTURE_LIMITS } from '../../domain/applications/index.ts';
import { EidError } from '../../platform/errors.ts';
import { readJson } from '../../platform/forms.ts';
import { atMost } from '../../platform/gate.ts';
import { notesOf } from '../../platform/request.ts';
import { readBytes } from '../../platform/uploads/raw-body.ts';
import { authenticate, type Verifier } from './authentication.ts';
import { openapi } from './openapi.ts';
import type { InPersonApiParts } from './parts.ts';
import { invalidRequest, noResult, notOpened } from './problems.ts';
import { toldAtTheCounter } from './told.ts';
import { answer, request, state, verification, verificationId } from './wire.ts';

/** Where the API stands, below the issuer. */
export const IN_PERSON_BASE = '/in-person/v1';

/** What each address takes. */
const METHODS: readonly (readonly [path: RegExp, methods: string])[] = [
  [/^\/verifications$/, 'POST'],
  [/^\/verifications\/[^/]+$/, 'GET, HEAD'],
  [/^\/verifications\/[^/]+\/result$/, 'POST'],
];

/** Checks in presence for programs: who asks, is it allowed, what is asked, do it. */
export function inPersonRoutes(parts: InPersonApiParts): Router<{ verifier: Verifier }> {
  const { inPerson } = parts;
  const router = new Router<{ verifier: Verifier }>({ prefix: IN_PERSON_BASE });
  router.use(forPrograms);
  const document = JSON.stringify(openapi(parts), undefined, 2);
  router.get('/openapi.json', (ctx) => {
    ctx.set('Access-Control-Allow-Origin', '*');
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.type = 'application/json';
    ctx.body = document;
  });
  const known: Middleware<{ verifier: Verifier }> = async (ctx, next) => {
    ctx.state.verifier = await authenticate(ctx, parts);
    return next();
  };
  // Eight megabytes in memory and tens of milliseconds of a thread each: a few at once, and none of them everybody's.
  const gate = atMost({ keys: 8, requests: 8 }, (ctx) => notesOf(ctx.req).clientId ?? '');
  const picture = readBytes({ type: 'image/jpeg', limit: PICTURE_LIMITS.octets });

  router.post('/verifications', known, readJson({ limit: '8kb', depth: 4 }), async (ctx) => {
    const { client, purposes } = ctx.state.verifier;
    const asked = asRequested(ctx);
    const begun = await inPerson.open({ clientId: client.clientId, purposes }, asked);
    if (!begun.opened) throw notOpened(begun);
    const { id, expiresAt, reader } = begun;
    const place = `${parts.issuer}/chip/v1/session/${reader.session}`;
    const purpose = purposes.find((one) => one.id === asked.purpose)!;
    ctx.status = 201;
    ctx.set('Location', `${IN_PERSON_BASE}/verifications/${id}`);
    ctx.body = verification.parse({
      ...{ id, expires_at: expiresAt.toISOString() },
      reader: { ...reader, url: place.replace(/^http/, 'ws'), link: `${place}#${reader.token}` },
      picture: { required: asked.face, media_type: 'image/jpeg', max_octets: PICTURE_LIMITS.octets },
      shown: toldAtTheCounter(parts, client, { purpose, asked }),
    });
  });

  router.get('/verifications/:id', known, async (ctx) => {
    const found = await inPerson.state(ctx.state.verifier.client.clientId, idIn(ctx));
    if (typeof found === 'string') throw noResult({ reason: found });
    ctx.body = state.parse({ card: found.card, expires_at: found.expiresAt.toISOString() });
  });

  router.post('/verifications/:id/result', known, gate, picture, async (ctx) => {
    const { clientId } = ctx.state.verifier.client;
    const taken = (ctx.request as { body?: unknown }).body;
    const finished = await inPerson.finish(clientId, idIn(ctx), Buffer.isBuffer(taken) ? taken : undefined);
    if (!finished.done) throw noResult(finished);
    ctx.body = answer.parse(finished);
  });

  router.all('{/*rest}', (ctx) => {
    const [, methods] = METHODS.find(([path]) => path.test(ctx.path.slice(IN_PERSON_BASE.length))) ?? [];
    if (methods === undefined) throw new EidError('http.not_found');
    ctx.set('Allow', methods);
    throw new EidError('http.method_not_allowed');
  });
  return router;
}

/** Whatever goes wrong below is told as a problem document. */
const forPrograms: Middleware = async (ctx, next) => {
  notesOf(ctx.req).program = true;
  await next();
};

/** What is no id is nobody's: it is not looked for. */
function idIn({ params }: { readonly params: Record<string, string> }): string {
  const id = verificationId.safeParse(params.id);
  if (!id.success) throw noResult({ reason: 'unknown' });
  return id.data;
}

/** Everything that is wrong with a request by itself, all of it told at once; whatever is not described is wrong. */
function asRequested(ctx: Context) {
  const result = request.safeParse(ctx.request.body);
  if (result.success) return result.data;
  throw invalidRequest(
    result.error.issues.flatMap((issue) =>
      (issue.code === 'unrecognized_keys' ? issue.keys : [undefined]).map((key) => ({
        path: [...issue.path, ...(key === undefined ? [] : [key])].map(String).join('.').slice(0, 300),
        message: key === undefined ? issue.message : 'There is no such member.',
      })),
    ),
  );
}
