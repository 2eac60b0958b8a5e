import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, text } from 'node:stream/consumers';
import type { DocumentAuthority } from '../../src/domain/proofing/document-authority/authority.ts';
import { createHttpDocumentAuthority } from '../../src/domain/proofing/document-authority/http-document-authority.ts';
import { type Clock, systemClock } from '../../src/platform/clock.ts';
import { createEgress } from '../../src/platform/egress.ts';
import { Secret } from '../../src/platform/secret.ts';

/** What the authority of a test says; replaced by a test that wants it to say something else. */
export interface Script {
  token: (request: IncomingMessage, form: URLSearchParams, response: ServerResponse) => void;
  answer: (path: string, question: Record<string, string>, response: ServerResponse) => void;
}

/** An authority on a loopback port, with its token endpoint, as `openapi.json` describes it. */
export interface LoopbackAuthority {
  readonly url: string;
  readonly script: Script;
  readonly asked: { path: string; question: Record<string, string>; bearer: string | undefined }[];
  readonly tokens: number;
  client(changes?: {
    clock?: Clock;
    breaker?: { failures?: number; rest?: number };
    timeout?: number;
  }): DocumentAuthority;
  stop(): Promise<void>;
}

export const say = (response: ServerResponse, body: unknown, status = 200, headers = {}): void =>
  void response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(typeof body === 'string' ? body : JSON.stringify(body));

export async function startAuthority(script: Script): Promise<LoopbackAuthority> {
  const asked: LoopbackAuthority['asked'] = [];
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
    script.answer(path.replace(/^\/v1/, ''), question, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ url: `${origin}/v1`, script, asked },
    get tokens() {
      return tokens;
    },
    client: ({ clock = systemClock, breaker = { failures: 1_000 }, timeout = 500 } = {}) =>
      createHttpDocumentAuthority({
        url: `${origin}/v1`,
        credentials: { tokenUrl: `${origin}/token`, clientId: 'senid', clientSecret: new Secret('s e:cret') },
        egress: createEgress({ allowOrigins: [origin], timeout }),
        ...{ clock, breaker },
      }),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
