import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { KINDS, type Kind } from '../../../../src/domain/register-events/index.ts';

const described = JSON.parse(readFileSync('src/domain/register-events/register-events.openapi.json', 'utf8')) as {
  components: { schemas: Record<string, { description?: string }> };
};

test('what the register is told to send is what is read: every kind, member by member', () => {
  const { schemas } = described.components;
  expect(Object.keys(schemas)).toEqual(Object.keys(KINDS));
  for (const kind of Object.keys(KINDS) as Kind[]) {
    const { description, ...schema } = schemas[kind]!;
    expect(description, kind).toBeTruthy();
    const { $schema: _, ...read } = z.toJSONSchema(KINDS[kind], { io: 'input' });
    expect(schema, kind).toEqual(read);
  }
});
