import fc, { type Arbitrary } from 'fast-check';

/** As much of JSON Schema as the OpenAPI document of the admin API uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly [more: string]: unknown;
}

/** Texts that have gone through parsers, statements and pages elsewhere. */
export const HOSTILE = [
  "' OR '1'='1",
  "'; DROP TABLE clients; --",
  '"; DELETE FROM operators; --',
  "\\'; SELECT pg_sleep(5); --",
  "x') UNION SELECT secret_hash FROM clients --",
  '$1',
  '#{7*7}',
  '{{constructor.constructor("return 1")()}}',
  '%00',
  '%',
  '_%',
  '../../etc/passwd',
  '..%2f..%2f',
  '<script>window.__xss=1</script>',
  'javascript:alert(1)',
  '\u0000',
  '\ud800',
  '\u202eabc',
  'a\r\nSet-Cookie: x=1',
  '__proto__',
  'constructor',
  'NaN',
  '-1',
  '1e309',
  '9999999999999999999999',
  '',
  ' ',
  'ﬀ',
  'Ṩ̀',
  'x'.repeat(5_000),
  '\u{1f600}'.repeat(300),
] as const;

/** Values that the schema takes. */
export function fitting(schema: JsonSchema): Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'string':
      if (schema.format === 'date-time')
        return fc
          .date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
          .map((at) => at.toISOString());
      if (schema.pattern) return fc.stringMatching(new RegExp(schema.pattern));
      return fc.string({ minLength: schema.minLength ?? 0, maxLength: Math.min(schema.maxLength ?? 40, 600) });
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1_000, max: Math.min(schema.maximum ?? 1_000, 2 ** 31 - 1) });
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(fitting(schema.items ?? {}), { maxLength: 4 });
    case 'object': {
      const { properties = {}, required = [], additionalProperties } = schema;
      const members = Object.fromEntries(Object.entries(properties).map(([name, of]) => [name, fitting(of)]));
      const known = fc.record(members, { requiredKeys: [...required] });
      return Object.keys(properties).length === 0 && additionalProperties !== false
        ? fc.dictionary(fc.string({ maxLength: 12 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 })
        : known;
    }
    default:
      return fc.jsonValue({ maxDepth: 3 });
  }
}

/** Anything JSON, texts that have done harm elsewhere among it. */
export const anything: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 2 ** 53, [], {}, [[]], { $ne: null }, { length: -1 }),
  fc.array(fc.constantFrom(...HOSTILE), { maxLength: 3 }),
);

/** The value with one thing in it, however deep, put in place by another, taken away or added. */
export function nearly(value: unknown): Arbitrary<unknown> {
  const places = placesIn(value);
  return fc
    .tuple(
      fc.constantFrom(...places),
      anything,
      fc.constantFrom('replace', 'remove', 'add' as const),
      fc.constantFrom(...HOSTILE),
    )
    .map(([place, other, how, name]) => changed(value, place, { other, how, name }));
}

type Place = readonly (string | number)[];

function placesIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([name, inner]) => placesIn(inner, [...at, name]))];
}

function changed(
  value: unknown,
  [step, ...rest]: Place,
  change: { readonly other: unknown; readonly how: string; readonly name: string },
): unknown {
  const isTree = typeof value === 'object' && value !== null;
  if (step === undefined) {
    if (change.how === 'add' && isTree && !Array.isArray(value))
      return Object.fromEntries([...Object.entries(value), [change.name, change.other]]);
    return change.other;
  }
  const entries = Object.entries(value as object).flatMap(([name, inner]) => {
    if (name !== String(step)) return [[name, inner] as const];
    if (rest.length === 0 && change.how === 'remove') return [];
    return [[name, changed(inner, rest, change)] as const];
  });
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}
