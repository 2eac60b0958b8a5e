import { z } from 'zod';
import { apiScope, PERMISSIONS, ROLES } from '../../domain/operators/index.ts';
import { clientChangeSchema } from '../../domain/relying-parties/index.ts';
import { resourceOf } from './authentication.ts';
import type { Operation } from './operation.ts';
import { NAMED } from './wire.ts';

const DESCRIPTION = `What operators do in the console, for programs. A program is an API client that an operator registers in the
console for themself; it can do no more than that person, and where two people have to agree it counts as that person. It gets
tokens of five minutes by client_credentials with private_key_jwt (RFC 7523), for this resource (RFC 8707), with one scope for
each role.

Errors are problem documents (RFC 9457). A member or parameter that is not described here is refused with 400. Lists go on with
\`next\` as \`cursor\`. What has revisions is answered with an ETag, and changed with If-Match: 428 without it, 412 when it has
changed since. A write with an Idempotency-Key is done once, however often it is sent within 24 hours: the same request is
answered the same, and what was refused for what it found (403 own_proposal, 404, 409, 412, 422) is refused again, whatever has
changed since; to try anew, send another key. 400, 401, 403 insufficient_scope and 428 leave the key free. Where we failed (5xx)
or fell silent it is not known whether the write was done: nothing is done under that key again, and from a minute later it is
answered 409 key_unanswered. GET what the write was about (for a change request, the list with its \`subject\`), and where nothing
has changed send it with another key.`;

type Json = Record<string, unknown>;

/** The OpenAPI 3.1 document, made from the schemas that requests are checked with and answers are cut to. */
export function openapi(operations: readonly Operation[], { issuer }: { readonly issuer: string }): object {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const uri = (id: string): string => `#/components/schemas/${id}`;
  const answers = new Map(operations.map(({ id, answer }) => [id, registry.get(answer)?.id ?? `${id}.answer`]));
  for (const { id, answer } of operations) if (!registry.has(answer)) registry.add(answer, { id: answers.get(id)! });
  const { schemas } = z.toJSONSchema(registry, { uri, io: 'output' });
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    paths[operation.path] ??= {};
    paths[operation.path]![operation.method] = described(operation, uri(answers.get(operation.id)!));
  }
  return {
    openapi: '3.1.0',
    info: { title: 'SenID admin API', version: '1.0.0', description: DESCRIPTION },
    servers: [{ url: resourceOf(issuer) }],
    paths,
    components: {
      schemas: {
        ...Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, plain(schema)])),
        ClientChange: clientChangeSchema(),
        Problem: PROBLEM,
      },
      securitySchemes: {
        oauth2: {
          type: 'oauth2',
          flows: {
            clientCredentials: {
              tokenUrl: `${issuer}/token`,
              scopes: Object.fromEntries(ROLES.map((role) => [apiScope(role), `What the role ${role} may do.`])),
            },
          },
        },
      },
    },
  };
}

/** The document says which dialect its schemas are of, and where they stand. */
const plain = ({ $schema: _, $id: __, ...schema }: Json): Json => schema;

const input = (schema: z.ZodType): Json => plain(z.toJSONSchema(schema, { io: 'input' }) as Json);

function described(operation: Operation, answer: string): Json {
  const { id, summary, params, query, body, status = 200, revision, method } = operation;
  const content = { 'application/json': { schema: { $ref: answer } } };
  const headers = revision ? { ETag: { schema: { type: 'string', pattern: '^"[1-9][0-9]*"$' } } } : undefined;
  return {
    operationId: id,
    summary,
    security: securityOf(operation),
    parameters: [
      ...parametersOf('path', params),
      ...parametersOf('query', query),
      ...(revision === 'named' ? [header('If-Match', '^"[1-9][0-9]{0,8}"$', true)] : []),
      ...(method === 'get' ? [] : [header('Idempotency-Key', '^[!-~]{1,255}$', false)]),
    ],
    ...(body
      ? { requestBody: { required: isRequired(body), content: { 'application/json': { schema: input(body) } } } }
      : {}),
    responses: {
      [status]: { description: 'Done.', ...(headers ? { headers } : {}), content },
      default: {
        description: 'It was not done; the type says why.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

/** Any one of the roles is enough; every one of them is a scope. */
function securityOf({ permission }: Operation): Json[] {
  if (permission === 'own') return ROLES.map((role) => ({ oauth2: [apiScope(role)] }));
  const any = typeof permission === 'string' ? [permission] : permission;
  const roles = ROLES.filter((role) => any.some((one) => (PERMISSIONS[one] as readonly string[]).includes(role)));
  return roles.map((role) => ({ oauth2: [apiScope(role)] }));
}

function parametersOf(where: 'path' | 'query', schema: z.ZodObject | undefined): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = input(schema) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, of]) => ({
    ...{ name, in: where, required: where === 'path' || required.includes(name), schema: of },
  }));
}

const header = (name: string, pattern: string, required: boolean): Json => ({
  ...{ name, in: 'header', required, schema: { type: 'string', pattern } },
});

const isRequired = (body: z.ZodObject): boolean => !body.safeParse({}).success;

const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'request_id'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'Leads to a page that says what the code means.' },
    title: { type: 'string', description: 'One sentence, in the language that was asked for.' },
    status: { type: 'integer' },
    code: { type: 'string' },
    request_id: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
    findings: { type: 'array', items: { type: 'object' } },
    reason: { type: 'string' },
  },
} as const;
