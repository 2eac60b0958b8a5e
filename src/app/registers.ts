import '../domain/biometrics/index.ts';
import '../domain/registry/index.ts';
import type { FaceMatcher } from '../domain/biometrics/index.ts';
import type { PopulationRegistry, TelephoneRegistry } from '../domain/registry/index.ts';
import type { Foundation } from './foundation.ts';

/** Those who know people better than we do. Each is missing where it is not configured; without all three nobody signs up online. */
export interface Registers {
  readonly population?: PopulationRegistry;
  readonly telephone?: TelephoneRegistry;
  readonly face?: FaceMatcher;
}

/** Over HTTPS where one is configured; simulated in the sandbox and nowhere else. */
export function registers(_base: Foundation): Registers {
  return {};
}
