import type { Context } from 'koa';
import { describe, expect, test } from 'vitest';
import { allowCamera, securityHeaders } from '../../../src/platform/headers.ts';
import { type FileForm, readFileForm } from '../../../src/platform/uploads/file-form.ts';

const BOUNDARY = 'x'.repeat(20);
const field = (name: string, value: string, file = ''): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${value}\r\n`;
const file = (name: string, value: string): string => field(name, value, '; filename="a.jpg"');

/** What becomes of a body. */
async function read(body: string | Buffer, headers: Record<string, string> = {}): Promise<FileForm> {
  const sent: Record<string, string> = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}`, ...headers };
  const whole = Buffer.isBuffer(body) ? body : Buffer.from(`${body}--${BOUNDARY}--\r\n`);
  const ctx = {
    is: (type: string) => (sent['content-type']?.startsWith(type) ? type : false),
    get: (name: string) => sent[name] ?? '',
    req: (async function* parts() {
      for (let at = 0; at < whole.length; at += 7) yield whole.subarray(at, at + 7);
    })(),
    request: {} as { body?: FileForm },
  };
  await readFileForm({ limit: 2_000 })(ctx as unknown as Context, async () => {});
  return ctx.request.body!;
}

describe('a form with a file', () => {
  test('is its fields in composed characters, and its files as bytes', async () => {
    const form = await read(field('name', 'Hòa'.normalize('NFD')) + file('picture', '\u00ff\u0000bytes'));
    expect(form.name).toBe('Hòa');
    expect(form.picture).toEqual(Buffer.from('\u00ff\u0000bytes'));
  });

  test('without a file has an empty one', async () => {
    expect((await read(field('picture', '', '; filename=""'))).picture).toEqual(Buffer.alloc(0));
  });

  test.each([
    ['a name that comes twice', field('a', '1') + field('a', '2'), {}, 'http.duplicate_parameter'],
    ['a NUL in a field', field('a', '\0'), {}, 'http.malformed_body'],
    [
      'broken UTF-8 in a field',
      Buffer.concat([
        Buffer.from(field('a', '')).subarray(0, -2),
        Buffer.of(0xff),
        Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
      ]),
      {},
      'http.malformed_body',
    ],
    ['no form at all', Buffer.from('nothing'), {}, 'http.malformed_body'],
    [
      'a form of the other kind',
      'a=1',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'http.unsupported_body',
    ],
    ['a compressed one', field('a', '1'), { 'content-encoding': 'gzip' }, 'http.unsupported_body'],
    ['one that is too large', file('picture', 'x'.repeat(2_000)), {}, 'http.body_too_large'],
  ])('with %s is refused', async (_, body, headers, code) => {
    await expect(read(body, headers as Record<string, string>)).rejects.toMatchObject({ code });
  });
});

test('a page asks for the camera when it says so, and no other page may', async () => {
  const headers = new Map<string, string>();
  const res = {
    setHeader: (name: string, value: string) => headers.set(name, value),
    getHeader: (name: string) => headers.get(name),
  };
  const ctx = { res, path: '/', get: () => 'text/html' } as unknown as Context;
  await securityHeaders({ secure: true })(ctx, async () => {});
  expect(headers.get('Permissions-Policy')).toContain('camera=(),');
  allowCamera(ctx);
  expect(headers.get('Permissions-Policy')).toContain('camera=(self),');
  expect(headers.get('Permissions-Policy')).toContain('microphone=()');
});
