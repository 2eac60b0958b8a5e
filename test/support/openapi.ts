import { readFileSync } from 'node:fs';
import fc, { type Arbitrary } from 'fast-check';
import { z } from 'zod';
import { fitting, type JsonSchema } from './json-schema.ts';

/** One question of a partner, as its OpenAPI description has it, the references followed. */
export interface DescribedQuestion {
  readonly path: string;
  readonly question: JsonSchema;
  readonly answer: JsonSchema;
}

/** The questions of an OpenAPI 3.1 document below `src/domain`. */
export function describedQuestions(file: string): DescribedQuestion[] {
  const document = JSON.parse(readFileSync(new URL(`../../src/domain/${file}`, import.meta.url), 'utf8'));
  const follow = following(document.components.schemas);
  return Object.entries<{ post: never }>(document.paths).map(([path, { post }]) => {
    const operation: {
      requestBody: { content: Record<string, { schema: JsonSchema }> };
      responses: Record<string, { content: Record<string, { schema: JsonSchema }> }>;
    } = follow(post);
    return {
      path,
      question: operation.requestBody.content['application/json']!.schema,
      answer: operation.responses['200']!.content['application/json']!.schema,
    };
  });
}

/** The same with each reference replaced by what it leads to. */
export const following =
  (schemas: Readonly<Record<string, unknown>>) =>
  <Node>(of: Node): Node => {
    const follow = (node: unknown): unknown => {
      if (Array.isArray(node)) return node.map(follow);
      if (typeof node !== 'object' || node === null) return node;
      const { $ref, ...rest } = node as Record<string, unknown>;
      const target = typeof $ref === 'string' ? schemas[$ref.split('/').at(-1)!] : {};
      if (!target) throw new Error(`${$ref} leads nowhere`);
      return Object.fromEntries(
        Object.entries({ ...(target as object), ...rest }).map(([name, inner]) => [
          name,
          name === 'examples' ? inner : follow(inner),
        ]),
      );
    };
    return follow(of) as Node;
  };

/** Whether a value is as described. */
export function isAsDescribed(schema: JsonSchema, value: unknown): boolean {
  const reader = readers.get(schema) ?? z.fromJSONSchema(readable(schema) as Parameters<typeof z.fromJSONSchema>[0]);
  readers.set(schema, reader);
  return reader.safeParse(value).success;
}

const readers = new WeakMap<JsonSchema, z.ZodType>();

/** Patterns are meant for Unicode (JSON Schema §6.4), and this reader does not read them so: letters and digits in its own words. */
const readable = (schema: JsonSchema): unknown =>
  JSON.parse(JSON.stringify(schema).replaceAll('\\\\p{L}', 'A-Za-zÀ-ỹ').replaceAll('\\\\p{N}', '0-9'));

/** Values as described: what `fitting` makes, and `oneOf`, `const`, `null`, dates and addresses besides. */
export function described(schema: JsonSchema): Arbitrary<unknown> {
  const { oneOf } = schema as { oneOf?: readonly JsonSchema[] };
  if (oneOf) return fc.oneof(...oneOf.map(described));
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.type === 'null') return fc.constant(null);
  if (schema.format === 'email') return fc.constantFrom('a@sen.example', 'nguyen.van.a+b@mail.sen.example');
  if (schema.format === 'date-time')
    return fc
      .date({ min: new Date('2020-01-01'), max: new Date('2026-03-02T08:00:00Z'), noInvalidDate: true })
      .map((at) => at.toISOString());
  if (schema.format === 'date')
    return fc
      .date({ min: new Date('1990-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
      .map((at) => at.toISOString().slice(0, 10));
  if (schema.type === 'number') return fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0);
  if (schema.type === 'array')
    return fc.array(described(schema.items ?? {}), { maxLength: (schema.maxItems as number | undefined) ?? 4 });
  if (schema.type === 'object') {
    const { properties = {}, required = [] } = schema;
    const members = Object.fromEntries(Object.entries(properties).map(([name, of]) => [name, described(of)]));
    return fc.record(members, { requiredKeys: [...required] });
  }
  if (schema.type === 'string' && !schema.pattern && !schema.enum)
    return fc
      .string({
        unit: fc.constantFrom(...'aăâbcdđeê ôơưàảãáạ-.’HYŨ1'),
        minLength: 1,
        maxLength: schema.maxLength ?? 40,
      })
      .filter((text) => text.trim() !== '');
  return fitting(schema);
}
