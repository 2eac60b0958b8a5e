import { createPictureIntake } from '../../domain/applications/index.ts';
import { createFaceVerifier, type FaceVerifier } from '../../domain/biometrics/index.ts';
import type { Subscribers } from '../../domain/subscribers/index.ts';
import { createPortraitDecoder } from '../../platform/portrait-decoder/portrait-decoder.ts';
import type { Foundation } from '../foundation.ts';
import type { Registers } from '../registers.ts';

/**
 * Faces at sign-in. Where people are real only an engine that a laboratory has tested counts, whatever is enough for an application;
 * in the sandbox the simulated one plays at it, so that what comes of a face can be tried.
 */
export const faces = (
  { sandbox }: Pick<Foundation, 'sandbox'>,
  subscribers: Pick<Subscribers, 'identityNumber'>,
  { face, population, used }: Pick<Registers, 'face' | 'population' | 'used'>,
): FaceVerifier =>
  createFaceVerifier({
    ...{ matcher: face, portraits: population, used },
    identityNumber: (subscriberId) => subscribers.identityNumber(subscriberId),
    pictures: createPictureIntake(createPortraitDecoder({ timeoutMs: 10_000 })),
    pad: sandbox ? 'active-challenge' : 'tested',
  });
