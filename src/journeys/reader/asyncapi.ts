import { z } from 'zod';
import {
  CLIENT_EXAMPLES,
  CLIENT_FRAMES,
  LIMITS,
  SERVER_EXAMPLES,
  SERVER_FRAMES,
  SESSION_LIFETIME,
} from '../../domain/proofing/index.ts';

const DESCRIPTION = `One WebSocket for one session. The page of a sign-in names the session and its one-time token; the
reader connects, sends \`hello\` with the token as its first frame, and gets \`begin\`. Frames are JSON texts; octets are
base64url without padding; \`seq\` rises with every frame of a direction. A session lives ${SESSION_LIFETIME} seconds by the
server's clock and takes one connection. Whatever is wrong ends it: the reader gets \`done\` with a coarse code and nothing
after it, and the verdict goes to the sign-in alone.

In mode \`aa\` the reader opens the chip, sends \`chip\`, each \`file\` and \`aa\`, and \`end\`. In mode \`handover\` it sends the
files and then the state of its secure channel; the server performs chip authentication through \`apdu\` and \`rapdu\`, and
the keys after it never leave the server. In mode \`relay\` the server opens the chip itself. In mode \`any\` the reader ends
with \`handover\` where DG14 offers chip authentication, and with \`end\` where it does not.

No frame is larger than ${LIMITS.frame} octets, and all of a session together are no larger than ${LIMITS.session}. Close
codes: 1000 after \`done\`, 1009 for a frame that is too large, 1011 for a fault of the server, 1012 when the server
restarts: begin again on the page.`;

interface Example {
  readonly t: string;
}

/** The AsyncAPI 3.0 description of the reader protocol, made from the schemas that the frames are checked with. */
export function asyncapi({ issuer }: { readonly issuer: string }): object {
  const { host, protocol } = new URL(issuer);
  const sides = [
    { frames: CLIENT_FRAMES as Record<string, z.ZodType>, examples: CLIENT_EXAMPLES as Record<string, Example> },
    { frames: SERVER_FRAMES as Record<string, z.ZodType>, examples: SERVER_EXAMPLES as Record<string, Example> },
  ];
  const messages = Object.fromEntries(
    sides.flatMap(({ frames, examples }) =>
      Object.entries(frames).map(([name, schema]) => {
        // The document says which dialect it is; AsyncAPI 3.0 has one of its own for all of it.
        const { $schema: _, description, ...payload } = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
        return [
          name,
          {
            name,
            contentType: 'application/json',
            summary: description,
            payload,
            examples: [{ payload: examples[name] }],
          },
        ];
      }),
    ),
  );
  const refs = (frames: object, from: string) => Object.keys(frames).map((name) => ({ $ref: `${from}/${name}` }));
  return {
    asyncapi: '3.0.0',
    info: { title: 'SenID reader protocol', version: '1.0.0', description: DESCRIPTION },
    defaultContentType: 'application/json',
    servers: { senid: { host, protocol: protocol === 'https:' ? 'wss' : 'ws' } },
    channels: {
      session: {
        address: '/chip/v1/session/{sid}',
        parameters: { sid: { description: 'The session, as the page of the sign-in names it.' } },
        messages: Object.fromEntries(
          sides.flatMap(({ frames }) =>
            Object.keys(frames).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
          ),
        ),
        bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
      },
    },
    // Seen from the application that the document describes, which is the server.
    operations: {
      hear: {
        action: 'receive',
        channel: { $ref: '#/channels/session' },
        summary: 'What the reader sends.',
        messages: refs(CLIENT_FRAMES, '#/channels/session/messages'),
      },
      say: {
        action: 'send',
        channel: { $ref: '#/channels/session' },
        summary: 'What the server sends.',
        messages: refs(SERVER_FRAMES, '#/channels/session/messages'),
      },
    },
    components: { messages },
  };
}
