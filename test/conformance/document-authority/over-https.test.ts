import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DOCUMENT_STATUSES } from '../../../src/domain/proofing/document-authority/authority.ts';
import { createHttpDocumentAuthority } from '../../../src/domain/proofing/document-authority/http-document-authority.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { createEgress } from '../../../src/platform/egress.ts';
import { Secret } from '../../../src/platform/secret.ts';
import { fixedClock } from '../../support/clock.ts';
import { type LoopbackAuthority, type Script, say, startAuthority } from '../../support/document-authority.ts';

const document = { issuingState: 'VNM', documentNumber: 'C00000009', sodSha256: 'ab'.repeat(32) };
const valid = { status: 'valid', asOf: '2026-03-02T07:00:00Z' };
interface Path {
  post: { requestBody: { content: Record<string, { schema: { $ref: string } }> } };
}
const openapi = JSON.parse(
  readFileSync(new URL('../../../src/domain/proofing/document-authority/openapi.json', import.meta.url), 'utf8'),
);

describe('the document authority over HTTPS', () => {
  let loopback: LoopbackAuthority;
  const usual = (): Script => ({
    token: (_request, _form, response) =>
      say(response, { access_token: 'token-1', token_type: 'Bearer', expires_in: 300 }),
    answer: (_path, _question, response) => say(response, valid),
  });
  beforeEach(async () => {
    loopback = await startAuthority(usual());
  });
  afterEach(() => loopback.stop());

  const answers = (answer: (response: ServerResponse) => void): void => {
    loopback.script.answer = (_path, _question, response) => answer(response);
  };

  test('asks as openapi.json says: paths, members, and the same statuses', async () => {
    loopback.script.answer = (path, _question, response) =>
      say(response, path === '/security-object' ? { issued: true, asOf: valid.asOf } : valid);
    const client = loopback.client({ clock: fixedClock() });
    await client.status(document);
    await client.vouch(Buffer.from('sod'));
    const asked = loopback.asked.map(({ path, question }) => [path, Object.keys(question)]);
    expect(asked).toEqual(
      Object.entries(openapi.paths as Record<string, Path>).map(([path, { post }]) => {
        const schema = post.requestBody.content['application/json']!.schema.$ref.replace('#/components/schemas/', '');
        return [`/v1${path}`, openapi.components.schemas[schema].required];
      }),
    );
    expect(openapi.components.schemas.StatusAnswer.properties.status.enum).toEqual([...DOCUMENT_STATUSES]);
    expect(loopback.asked[1]?.question.sod).toBe(Buffer.from('sod').toString('base64'));
  });

  test('shows its credentials by HTTP Basic, and each question a token that is fetched once', async () => {
    let shown: string | undefined;
    loopback.script.token = (request, form, response) => {
      shown = request.headers.authorization;
      expect(form.get('grant_type')).toBe('client_credentials');
      usual().token(request, form, response);
    };
    const client = loopback.client({ clock: fixedClock() });
    await Promise.all([client.status(document), client.status(document)]);
    await client.status(document);
    // RFC 6749 §2.3.1: both halves are form-encoded first.
    expect(shown).toBe(`Basic ${Buffer.from('senid:s+e%3Acret').toString('base64')}`);
    expect(loopback.tokens).toBe(1);
    expect(loopback.asked.map(({ bearer }) => bearer)).toEqual(Array(3).fill('Bearer token-1'));
  });

  test('fetches a new token before the old one ends', async () => {
    const clock = fixedClock();
    const client = loopback.client({ clock });
    await client.status(document);
    clock.advance(269);
    await client.status(document);
    expect(loopback.tokens).toBe(1);
    clock.advance(1);
    await client.status(document);
    expect(loopback.tokens).toBe(2);
  });

  test('fetches a new token once when the old one is refused, and then gives up', async () => {
    let refusals = 1;
    answers((response) => (refusals-- > 0 ? say(response, {}, 401) : say(response, valid)));
    const client = loopback.client({ clock: fixedClock() });
    expect(await client.status(document)).toMatchObject({ status: 'valid' });
    expect(loopback.tokens).toBe(2);
    refusals = 9;
    await expect(client.status(document)).rejects.toMatchObject({ facts: { reason: 'refused' } });
    expect(loopback.asked).toHaveLength(4);
  });

  test.each<[string, string, (response: ServerResponse) => void]>([
    ['a redirect', 'garbage', (response) => say(response, '', 302, { location: 'http://127.0.0.1:9/' })],
    ['204', 'garbage', (response) => void response.writeHead(204).end()],
    ['404', 'refused', (response) => say(response, valid, 404)],
    ['429', 'busy', (response) => say(response, valid, 429)],
    ['503', 'busy', (response) => say(response, valid, 503)],
    ['another content type', 'garbage', (response) => say(response, valid, 200, { 'content-type': 'text/html' })],
    ['half an answer', 'garbage', (response) => say(response, '{"status":"val')],
    ['no object', 'garbage', (response) => say(response, 'null')],
    ['a status that there is not', 'garbage', (response) => say(response, { ...valid, status: 'VALID' })],
    ['no moment', 'garbage', (response) => say(response, { status: 'valid' })],
    ['a moment that is none', 'garbage', (response) => say(response, { ...valid, asOf: 'yesterday' })],
    ['a moment without a zone', 'garbage', (response) => say(response, { ...valid, asOf: '2026-03-02T07:00:00' })],
    ['tomorrow', 'garbage', (response) => say(response, { ...valid, asOf: '2026-03-03T08:00:00Z' })],
    ['more than 64 KiB', 'garbage', (response) => say(response, { ...valid, more: 'x'.repeat(65_536) })],
    [
      'an answer that stops',
      'unreachable',
      (response) => void response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
    ],
  ])('takes %s for no answer', async (_what, reason, answer) => {
    answers(answer);
    await expect(loopback.client({ clock: fixedClock() }).status(document)).rejects.toMatchObject({
      code: 'document_authority.unavailable',
      facts: { reason },
    });
  });

  test('an answer drop by drop is given up in time', async () => {
    answers((response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drops = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drops));
    });
    const from = performance.now();
    await expect(loopback.client().status(document)).rejects.toMatchObject({ facts: { reason: 'too_slow' } });
    expect(performance.now() - from).toBeLessThan(2_000);
  });

  test.each<[string, string, Script['token']]>([
    ['refuses us', 'refused', (_, __, response) => say(response, { error: 'invalid_client' }, 401)],
    ['gives no token', 'refused', (_, __, response) => say(response, {})],
    ['is away', 'unreachable', (_, __, response) => void response.destroy()],
    ['is silent', 'too_slow', () => {}],
  ])('a token endpoint that %s is no answer either, and nothing is asked', async (_what, reason, token) => {
    loopback.script.token = token;
    await expect(loopback.client().status(document)).rejects.toMatchObject({
      code: 'document_authority.unavailable',
      facts: { reason },
    });
    expect(loopback.asked).toEqual([]);
  });

  test('no error carries the document', async () => {
    answers((response) => say(response, document.documentNumber));
    const error = await loopback
      .client({ clock: fixedClock() })
      .status(document)
      .catch((thrown) => thrown);
    expect(error.message).toBe('document_authority.unavailable');
    expect(inspect(error, { depth: 9 })).not.toContain(document.documentNumber);
  });

  test('after three failures in a row it is left alone, then tried by one, then by all', async () => {
    const clock = fixedClock();
    const client = loopback.client({ clock, breaker: { failures: 3, rest: 10 } });
    const reasonOf = () =>
      client.status(document).then(
        ({ status }) => status,
        ({ facts }) => facts.reason,
      );
    answers((response) => say(response, {}, 503));
    expect([await reasonOf(), await reasonOf(), await reasonOf()]).toEqual(['busy', 'busy', 'busy']);
    expect(await reasonOf()).toBe('resting');
    clock.advance(9.9);
    expect(await reasonOf()).toBe('resting');
    expect(loopback.asked).toHaveLength(3);
    clock.advance(0.1);
    expect(await Promise.all([reasonOf(), reasonOf(), reasonOf()])).toEqual(['busy', 'resting', 'resting']);
    expect(await reasonOf()).toBe('resting');
    clock.advance(10);
    answers((response) => say(response, valid));
    expect(await Promise.all([reasonOf(), reasonOf()])).toEqual(['valid', 'resting']);
    expect(await Promise.all([reasonOf(), reasonOf(), reasonOf()])).toEqual(['valid', 'valid', 'valid']);
  });

  test('failures with a success between them begin no rest', async () => {
    const client = loopback.client({ clock: fixedClock(), breaker: { failures: 2, rest: 10 } });
    for (const status of [503, 200, 503, 200]) {
      answers((response) => say(response, valid, status));
      await client.status(document).catch(() => {});
    }
    expect(loopback.asked).toHaveLength(4);
    answers((response) => say(response, valid));
    expect(await client.status(document)).toMatchObject({ status: 'valid' });
  });

  test('plain http goes nowhere but to an origin that was named', async () => {
    const client = createHttpDocumentAuthority({
      url: loopback.url,
      credentials: {
        tokenUrl: loopback.url.replace('/v1', '/token'),
        clientId: 'senid',
        clientSecret: new Secret('x'),
      },
      egress: createEgress(),
      clock: systemClock,
    });
    await expect(client.status(document)).rejects.toMatchObject({ facts: { reason: 'refused' } });
    expect(loopback.tokens).toBe(0);
  });
});
