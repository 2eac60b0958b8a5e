import { createPictureIntake } from '../../src/domain/applications/index.ts';
import {
  createFaceVerifier,
  createSimulatedFaceMatcher,
  type FaceVerifier,
  type SimulatedFaceMatcher,
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
  }: { pad?: 'none' | 'active-challenge'; asked?: 'active-challenge' | 'tested' } = {},
): { readonly faces: FaceVerifier; readonly matcher: SimulatedFaceMatcher } {
  const matcher = createSimulatedFaceMatcher({ look, ...(pad ? { pad } : {}) });
  const faces = createFaceVerifier({
    ...{ matcher, identityNumber, pad: asked },
    portraits: createSimulatedPopulationRegistry({ clock: fixedClock(), ...sandboxRegister() }),
    pictures: createPictureIntake(createPortraitDecoder({ timeoutMs: 10_000 })),
  });
  return { faces, matcher };
}
