import { padRequired } from '../config/profiles.ts';
import {
  createHttpFaceMatcher,
  createSimulatedFaceMatcher,
  FACE_TIMEOUT,
  type FaceMatcher,
  type PadLevel,
} from '../domain/biometrics/index.ts';
import {
  createHttpPopulationRegistry,
  createHttpTelephoneRegistry,
  createSimulatedPopulationRegistry,
  createSimulatedTelephoneRegistry,
  POPULATION_ANSWER_LIMIT,
  type PopulationRegistry,
  type TelephoneRegistry,
} from '../domain/registry/index.ts';
import { look, sandboxRegister, sandboxTelephones } from '../sandbox/index.ts';
import type { Foundation } from './foundation.ts';
import { partnerParts } from './registers/partners.ts';

/**
 * Those who know people better than we do: over HTTPS where one is configured, simulated in the sandbox and nowhere else. Each is
 * missing where there is none; without all three nobody signs up online.
 */
export interface Registers {
  readonly population?: PopulationRegistry;
  readonly telephone?: TelephoneRegistry;
  readonly face?: FaceMatcher;
  /** The presentation attack detection that is asked of a face; the settings were refused if the engine does less. */
  readonly padRequired: PadLevel;
}

export function registers(base: Foundation): Registers {
  const { population, telephone, face } = {
    population: populationRegistry(base),
    telephone: telephoneRegistry(base),
    face: faceMatcher(base),
  };
  return {
    ...(population ? { population } : {}),
    ...(telephone ? { telephone } : {}),
    ...(face ? { face } : {}),
    padRequired: padRequired(base.settings),
  };
}

function populationRegistry(base: Foundation): PopulationRegistry | undefined {
  const parts = partnerParts(base, 'populationRegistry', { limit: POPULATION_ANSWER_LIMIT });
  if (parts) return parts.watched(createHttpPopulationRegistry(parts));
  return base.sandbox ? createSimulatedPopulationRegistry({ clock: base.clock, ...sandboxRegister() }) : undefined;
}

function telephoneRegistry(base: Foundation): TelephoneRegistry | undefined {
  const parts = partnerParts(base, 'telephoneRegistry');
  if (parts) return parts.watched(createHttpTelephoneRegistry(parts));
  return base.sandbox
    ? createSimulatedTelephoneRegistry({ clock: base.clock, holders: sandboxTelephones() })
    : undefined;
}

function faceMatcher(base: Foundation): FaceMatcher | undefined {
  const parts = partnerParts(base, 'faceMatcher', { timeout: FACE_TIMEOUT });
  if (parts) return parts.watched(createHttpFaceMatcher({ ...parts, pad: base.settings.faceMatcherPad }));
  return base.sandbox ? createSimulatedFaceMatcher({ look }) : undefined;
}
