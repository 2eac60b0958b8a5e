import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CLIENT_FRAMES, SERVER_FRAMES } from '../../../../src/domain/proofing/index.ts';
import { asyncapi } from '../../../../src/journeys/reader/asyncapi.ts';

interface Message {
  name: string;
  summary: string;
  payload: { properties: Record<string, unknown>; required: string[]; additionalProperties: boolean };
  examples: { payload: unknown }[];
}
const document = JSON.parse(JSON.stringify(asyncapi({ issuer: 'https://id.example' }))) as {
  asyncapi: string;
  servers: Record<string, { host: string; protocol: string }>;
  channels: Record<string, { address: string; messages: Record<string, { $ref: string }> }>;
  operations: Record<string, { action: string; channel: { $ref: string }; messages: { $ref: string }[] }>;
  components: { messages: Record<string, Message> };
};

/** What a JSON pointer of the document leads to. */
const at = (pointer: string): unknown =>
  pointer
    .slice(2)
    .split('/')
    .reduce((node, part) => (node as Record<string, unknown>)[part], document as unknown);

describe('the AsyncAPI document of the reader protocol', () => {
  test('has a message for every frame, and the operation of its side leads to it', () => {
    const names = [...Object.keys(CLIENT_FRAMES), ...Object.keys(SERVER_FRAMES)];
    expect(Object.keys(document.components.messages).sort()).toEqual([...names].sort());
    expect(Object.keys(document.channels.session!.messages).sort()).toEqual([...names].sort());
    const reached = ({ action }: { action: string }) =>
      Object.values(document.operations)
        .filter((operation) => operation.action === action)
        .flatMap(({ messages }) =>
          messages.map(({ $ref }) => (at((at($ref) as { $ref: string }).$ref) as Message).name),
        );
    expect(reached({ action: 'receive' })).toEqual(Object.keys(CLIENT_FRAMES));
    expect(reached({ action: 'send' })).toEqual(Object.keys(SERVER_FRAMES));
  });

  test('refers to nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, pointer]) => pointer!);
    expect(references.length).toBeGreaterThan(20);
    expect(references.filter((pointer) => at(pointer) === undefined)).toEqual([]);
  });

  test.each(Object.entries(document.components.messages))(
    '%s: its example fits its own schema, which allows nothing more',
    (name, message) => {
      const schema = z.fromJSONSchema(message.payload as never);
      expect(message.summary.length).toBeGreaterThan(10);
      expect(message.payload.additionalProperties).toBe(false);
      expect(message.payload.required).toEqual(expect.arrayContaining(['v', 't', 'seq']));
      const [example] = message.examples;
      expect(example?.payload).toMatchObject({ v: 1, t: name });
      expect(schema.safeParse(example?.payload).error).toBeUndefined();
      expect(schema.safeParse({ ...(example?.payload as object), t: 'other' }).success).toBe(false);
      expect(schema.safeParse({ ...(example?.payload as object), more: 1 }).success).toBe(false);
    },
  );

  test('names where it is spoken', () => {
    expect(document.asyncapi).toBe('3.0.0');
    expect(document.servers).toEqual({ senid: { host: 'id.example', protocol: 'wss' } });
    expect(document.channels.session!.address).toBe('/chip/v1/session/{sid}');
  });
});
