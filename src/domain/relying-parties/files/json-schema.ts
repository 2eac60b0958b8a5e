import { z } from 'zod';
import { registrationSchema } from '../registration.ts';

/**
 * What a file of clients may hold, for editors: JSON Schema (2020-12) of the very schema that files are parsed by. The rules
 * between members and of addresses are not in it; `senid client plan` tells them.
 */
export function clientFileSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...registration } = ofRegistration();
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

/**
 * What a change request of a client says, for programs: the same registration, whether it may be used, and perhaps a new secret.
 * The rules between members are not in it; a draft that breaks one is refused with its place.
 */
export function clientChangeSchema(): Readonly<Record<string, unknown>> {
  const { $schema: _, ...registration } = ofRegistration();
  return {
    ...registration,
    properties: {
      ...registration.properties,
      disabled: { type: 'boolean', default: false, description: 'True: it is registered and may not be used.' },
      secretHash: {
        type: 'string',
        pattern: '^[0-9a-f]{64}$',
        description: 'SHA-256 of a new secret. The one there was stays without it.',
      },
      previousSecretUntil: {
        type: 'string',
        format: 'date-time',
        description: 'With a new secret: the one there was stays good until then.',
      },
    },
  };
}

const ofRegistration = () => z.toJSONSchema(registrationSchema, { io: 'input', unrepresentable: 'any' });
