import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, text } from 'node:stream/consumers';
import { type Clock, systemClock } from '../../src/platform/clock.ts';
import { createEgress } from '../../src/platform/egress.ts';
import type { Mood } from '../../src/platform/partner/mood.ts';
import type { PartnerOutcome, PartnerParts } from '../../src/platform/partner/partner.ts';
import { Secret } from '../../src/platform/secret.ts';

/** What the partner of a test says; replaced by a test that wants it to say something else. */
export interface Script {
  token: (request: IncomingMessage, form: URLSearchParams, response: ServerResponse) => void;
  answer: (path: string, question: Record<string, string>, response: ServerResponse) => void | Promise<void>;
}

/** What a test may change of the way that a partner is asked. */
export interface ClientChanges {
  readonly clock?: Clock;
  readonly breaker?: { readonly failures?: number; readonly rest?: number };
  readonly timeout?: number;
  readonly limit?: number;
  readonly asked?: (outcome: PartnerOutcome) => void;
}

/** A partner on a loopback port, with its token endpoint, as the OpenAPI documents describe it. */
export interface LoopbackPartner {
  readonly url: string;
  readonly script: Script;
  readonly asked: { path: string; question: Record<string, string>; bearer: string | undefined }[];
  readonly tokens: number;
  /** What an adapter over HTTPS stands on, to ask this one. */
  parts(changes?: ClientChanges): PartnerParts;
  stop(): Promise<void>;
}

export const say = (response: ServerResponse, body: unknown, status = 200, headers = {}): void =>
  void response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(typeof body === 'string' ? body : JSON.stringify(body));

/** Gives the token that everybody wants. */
export const giveToken: Script['token'] = (_request, _form, response) =>
  say(response, { access_token: 'token-1', token_type: 'Bearer', expires_in: 300 });

/** What a mood looks like over the wire; answers whether that was all. */
export function moody(mood: Mood, response: ServerResponse): boolean {
  if (mood === 'unreachable') response.destroy();
  if (mood === 'busy') say(response, {}, 503);
  if (mood === 'refused') say(response, {}, 403);
  if (mood === 'garbage') say(response, { matched: 'perhaps', ownership: 'mine', outcome: 'fine' });
  return mood !== 'well';
}

export async function startPartner(script: Script): Promise<LoopbackPartner> {
  const asked: LoopbackPartner['asked'] = [];
  let tokens = 0;
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    if (path === '/token') {
      tokens += 1;
      script.token(request, new URLSearchParams(await text(request)), response);
      return;
    }
    const question = (await json(request)) as Record<string, string>;
    asked.push({ path, question, bearer: request.headers.authorization });
    await script.answer(path.replace(/^\/v1/, ''), question, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ url: `${origin}/v1`, script, asked },
    get tokens() {
      return tokens;
    },
    parts: ({ clock = systemClock, breaker = { failures: 1_000 }, timeout = 500, limit, asked: told } = {}) => ({
      url: `${origin}/v1`,
      credentials: { tokenUrl: `${origin}/token`, clientId: 'senid', clientSecret: new Secret('s e:cret') },
      egress: createEgress({ allowOrigins: [origin], timeout, ...(limit === undefined ? {} : { limit }) }),
      ...{ clock, breaker },
      ...(told ? { asked: told } : {}),
    }),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
