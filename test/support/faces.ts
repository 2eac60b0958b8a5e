import { createPictureIntake } from '../../src/domain/applications/index.ts';
import {
  createFaceVerifier,
  createSimulatedFaceMatcher,
  type FaceVerifier,
  type SimulatedFaceMatcher,
  type UsedPictures,
} from '../../src/domain/biometrics/index.ts';
import { createSimulatedPopulationRegistry } from '../../src/domain/registry/index.ts';
import { createPortraitDecoder } from '../../src/platform/portrait-decoder/portrait-decoder.ts';
import { look, sandboxRegister } from '../../src/sandbox/index.ts';
import { fixedClock } from './clock.ts';

/** What a sandbox knows of faces: the drawings of its register, and the engine that knows them. */
export function sandboxFaces(
  identityNumber: (subscriberId: string) => Promise<string | undefined>,
  {
    pad,
    asked = 'active-challenge',
    used,
  }: {
    pad?: 'none' | 'active-challenge';
    asked?: 'active-challenge' | 'tested';
    used?: UsedPictures;
  } = {},
): { readonly faces: FaceVerifier; readonly matcher: SimulatedFaceMatcher } {
  const matcher = createSimulatedFaceMatcher({ look, ...(pad ? { pad } : {}) });
  const faces = createFaceVerifier({
    ...{ matcher, identityNumber, pad: asked },
    ...(used ? { used } : {}),
    portraits: createSimulatedPopulationRegistry({ clock: fixedClock(), ...sandboxRegister() }),
    pictures: createPictureIntake(createPortraitDecoder({ timeoutMs: 10_000 })),
  });
  return { faces, matcher };
}
