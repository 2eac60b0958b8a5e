import type { Context, Middleware } from 'koa';
import { PICTURE_LIMITS } from '../domain/applications/index.ts';
import type { BindRejection, FaceRefusal } from '../domain/authenticators/index.ts';
import { atMost } from '../platform/gate.ts';
import type { Message } from '../platform/messages.ts';
import { readFileForm } from '../platform/uploads/file-form.ts';
import { throttled } from './throttled.ts';

/** The bytes of a form around its picture. */
const AROUND = 65_536;

/** Pictures are eight megabytes in memory and tens of milliseconds of a thread: a few at once, and one for each address. */
export const readPictureForm = (): Middleware[] => [
  atMost({ keys: 4, requests: 4 }, (ctx) => ctx.ip),
  readFileForm({ limit: PICTURE_LIMITS.octets + AROUND }),
];

/** The file that the camera, or somebody without one, put into the form. */
export function pictureIn({ request }: Pick<Context, 'request'>): Buffer | undefined {
  const { picture } = (request.body ?? {}) as { picture?: unknown };
  return Buffer.isBuffer(picture) && picture.length > 0 ? picture : undefined;
}

/**
 * What to say of a face that was not accepted, and when to try again. Of a picture: what to do better. Where it is not known to be
 * this person the sentence does not say whether the face was another one or the camera was shown a picture: it would teach.
 */
export function faceRefused(verdict: {
  readonly reason: BindRejection;
  readonly retryAfter?: number;
  readonly face?: FaceRefusal;
}): Message {
  const { reason, retryAfter = 0, face = [] } = verdict;
  if (reason === 'throttled') return throttled(retryAfter);
  if (reason === 'wrong' && face[0] !== undefined) return `rejected.face.issue.${face[0]}`;
  return `rejected.face.${reason}`;
}
