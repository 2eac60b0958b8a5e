import { z } from 'zod';

/**
 * What a reader understands of the server's frames (reader protocol, version 1; the server describes all of them at
 * `/chip/v1/asyncapi.json`). Members that a later server adds are left alone.
 */
export const serverFrame = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('begin'),
    mode: z.enum(['aa', 'handover', 'relay', 'any']),
    aaChallenge: z.base64url(),
    need: z.array(z.string()),
  }),
  z.object({ t: z.literal('apdu'), seq: z.int(), cmds: z.array(z.base64url()).min(1) }),
  z.object({ t: z.literal('done'), status: z.enum(['accepted', 'refused']), code: z.string().optional() }),
]);

export type ServerFrame = z.infer<typeof serverFrame>;
export type Begin = Extract<ServerFrame, { t: 'begin' }>;
export type Apdu = Extract<ServerFrame, { t: 'apdu' }>;
export type Done = Extract<ServerFrame, { t: 'done' }>;
