import type { ServerResponse } from 'node:http';
import type { FaceMatcher, FingerprintMatcher } from '../../src/domain/biometrics/index.ts';
import type { EnterpriseRegistry, PopulationRegistry, TelephoneRegistry } from '../../src/domain/registry/index.ts';
import { say } from './partner.ts';

/** Simulated sides over the wire, as the OpenAPI documents describe it. */

/** What of the wire an answer of the port becomes. */
const dated = <Answer extends { readonly asOf: Date }>(answer: Answer) => ({
  ...answer,
  asOf: answer.asOf.toISOString(),
});

export async function serveRegister(
  register: PopulationRegistry,
  path: string,
  question: Record<string, string>,
  response: ServerResponse,
): Promise<void> {
  say(response, await registerAnswer(register, path, question as never));
}

async function registerAnswer(register: PopulationRegistry, path: string, question: Record<string, string>) {
  switch (path) {
    case '/identity-match':
      return dated(await register.match(question as never));
    case '/portrait': {
      const portrait = await register.portrait(question.identityNumber ?? '');
      return { portrait: portrait ? { ...portrait, image: portrait.image.toString('base64') } : null };
    }
    case '/guardianship': {
      const registered = await register.guardianship(question as never);
      return { isGuardian: registered !== undefined, ...registered };
    }
    case '/corrections':
      return register.requestCorrection(question as never);
    default:
      throw new Error(`nobody asks ${path}`);
  }
}

export const serveTelephones = async (
  register: TelephoneRegistry,
  question: Record<string, string>,
  response: ServerResponse,
): Promise<void> => say(response, dated(await register.ownership(question as never)));

export const serveEnterprises = async (
  register: EnterpriseRegistry,
  { enterpriseCode = '' }: Record<string, string>,
  response: ServerResponse,
): Promise<void> => say(response, dated(await register.find(enterpriseCode)));

export const serveEngine = async (
  engine: FaceMatcher,
  { probe = '', reference = '' }: Record<string, string>,
  response: ServerResponse,
): Promise<void> =>
  say(
    response,
    await engine.compare({ probe: Buffer.from(probe, 'base64'), reference: Buffer.from(reference, 'base64') }),
  );

export async function serveFingerprints(
  system: FingerprintMatcher,
  { identityNumber = '', capture = '' }: Record<string, string>,
  response: ServerResponse,
): Promise<void> {
  const { capturedAt, ...result } = await system.result({ identityNumber, capture });
  say(response, { ...result, ...(capturedAt ? { capturedAt: capturedAt.toISOString() } : {}) });
}
