import { z } from 'zod';
import { registrationSchema } from '../registration.ts';

/**
 * What a file of clients may hold, for editors: JSON Schema (2020-12) of the very schema that files are parsed by. The rules
 * between members and of addresses are not in it; `senid client plan` tells them.
 */
export function clientFileSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...registration } = z.toJSONSchema(registrationSchema, { io: 'input', unrepresentable: 'any' });
  const client = {
    ...registration,
    properties: {
      $schema: { type: 'string' },
      ...registration.properties,
      secret: {
        type: 'string',
        minLength: 32,
        description: 'In a sandbox only: in production it is made, and told once.',
      },
    },
  };
  return {
    $schema,
    title: 'Clients of SenID',
    description: 'One registration, or a list of them under clients. senid client schema makes this file.',
    // One of the two by what is there, so that an editor speaks of what is meant and not of both.
    if: { type: 'object', required: ['clients'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema, and nothing that is awaited.
    then: {
      type: 'object',
      properties: { $schema: { type: 'string' }, clients: { type: 'array', items: { $ref: '#/$defs/client' } } },
      additionalProperties: false,
    },
    else: { $ref: '#/$defs/client' },
    $defs: { client },
  };
}
