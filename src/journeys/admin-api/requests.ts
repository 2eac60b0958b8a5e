import type { Context } from 'koa';
import type { z } from 'zod';
import { EidError } from '../../platform/errors.ts';
import { parseFlat, readJson } from '../../platform/forms.ts';
import { nothing, type Operation } from './operation.ts';
import { invalidRequest, type Wrong } from './problems.ts';

/** What an operation is asked, as its schemas read it. */
export interface Asked {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly revision: number;
}

const readBody = readJson({ limit: '64kb', depth: 16 });

/** Everything that can be wrong with a request by itself, all of it told at once; whatever is not described is wrong. */
export async function readRequest(ctx: Context, operation: Operation): Promise<Asked> {
  const wrong: Wrong[] = [];
  const read = (where: string, schema: z.ZodType, given: unknown): unknown => {
    const result = schema.safeParse(given);
    if (result.success) return result.data;
    for (const issue of result.error.issues) {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
      for (const key of keys) {
        const path = [where, ...issue.path, ...(key === undefined ? [] : [key])].map(String).join('.');
        wrong.push({
          path: path.slice(0, 300),
          message: key === undefined ? issue.message : 'There is no such member.',
        });
      }
    }
    return undefined;
  };
  const params = read('params', operation.params ?? nothing, { ...ctx.params });
  const query = read('query', operation.query ?? nothing, { ...parseFlat(ctx.querystring) });
  const sent = operation.body ? await bodyOf(ctx) : {};
  const body = operation.body ? read('body', operation.body, sent) : {};
  for (const path of prototypesIn('body', sent))
    if (!wrong.some((one) => one.path === path)) wrong.push({ path, message: 'There is no such member.' });
  if (wrong.length > 0) throw invalidRequest(wrong);
  return { params, query, body, revision: operation.revision === 'named' ? namedRevision(ctx) : 0 };
}

/** Members called `__proto__`: a schema of any members drops them without a word, and whoever sent one would think it was taken. */
function prototypesIn(where: string, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const path = `${where}.${name}`;
    return name === '__proto__' ? [path.slice(0, 300)] : prototypesIn(path, member);
  });
}

/** Nothing sent is an empty object: some acts have nothing to say. */
async function bodyOf(ctx: Context): Promise<unknown> {
  const sent = ctx.get('transfer-encoding') !== '' || Number(ctx.get('content-length') || 0) > 0;
  if (!sent) return {};
  await readBody(ctx, async () => {});
  return ctx.request.body;
}

/** RFC 9110 §13.1.1: one strong tag. `*` names no revision that anybody looked at. */
function namedRevision(ctx: Context): number {
  const given = ctx.get('if-match');
  if (given === '' || given.trim() === '*') throw new EidError('admin_api.revision_required');
  const [, revision] = /^"([1-9]\d{0,8})"$/.exec(given.trim()) ?? [];
  if (revision === undefined) throw new EidError('admin_api.changed');
  return Number(revision);
}
