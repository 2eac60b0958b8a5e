import { z } from 'zod';
import { setting } from './declaration.ts';
import { address, hidden } from './rules.ts';

/** How well an engine tells a person from a picture of one, the least first (ISO/IEC 30107-3). */
export const PAD_LEVELS = ['none', 'active-challenge', 'tested'] as const;

const padLevel = z.enum(PAD_LEVELS, 'must be none, active-challenge or tested');
const tokenUrl = address('https:').optional();
const clientId = z.string().min(1).optional();
const clientSecret = z.string().min(1).transform(hidden).optional();
const namedThere = 'The name that we have there.';
const secretThere = 'The secret that goes with that name.';

/** Those who know people better than we do, each over HTTPS. Without all three nobody signs up online. */
export const registerDeclarations = {
  populationRegistryUrl: setting({
    name: 'POPULATION_REGISTRY_URL',
    rule: address('https:').optional(),
    about:
      'The population register, which confirms who somebody is. Signing up online takes it, TELEPHONE_REGISTRY_URL and FACE_MATCHER_URL.',
  }),
  populationRegistryTokenUrl: setting({
    name: 'POPULATION_REGISTRY_TOKEN_URL',
    rule: tokenUrl,
    about: 'Where access tokens for the population register come from (OAuth 2.0 client credentials).',
  }),
  populationRegistryClientId: setting({ name: 'POPULATION_REGISTRY_CLIENT_ID', rule: clientId, about: namedThere }),
  populationRegistryClientSecret: setting({
    ...{ name: 'POPULATION_REGISTRY_CLIENT_SECRET', rule: clientSecret, about: secretThere },
    secret: true,
  }),
  telephoneRegistryUrl: setting({
    name: 'TELEPHONE_REGISTRY_URL',
    rule: address('https:').optional(),
    about: 'The networks’ register of subscribers, which confirms in whose name a telephone number stands.',
  }),
  telephoneRegistryTokenUrl: setting({
    name: 'TELEPHONE_REGISTRY_TOKEN_URL',
    rule: tokenUrl,
    about: 'Where access tokens for the networks’ register come from.',
  }),
  telephoneRegistryClientId: setting({ name: 'TELEPHONE_REGISTRY_CLIENT_ID', rule: clientId, about: namedThere }),
  telephoneRegistryClientSecret: setting({
    ...{ name: 'TELEPHONE_REGISTRY_CLIENT_SECRET', rule: clientSecret, about: secretThere },
    secret: true,
  }),
  faceMatcherUrl: setting({
    name: 'FACE_MATCHER_URL',
    rule: address('https:').optional(),
    about: 'The engine that compares a face with a portrait.',
  }),
  faceMatcherTokenUrl: setting({
    name: 'FACE_MATCHER_TOKEN_URL',
    rule: tokenUrl,
    about: 'Where access tokens for the engine come from.',
  }),
  faceMatcherClientId: setting({ name: 'FACE_MATCHER_CLIENT_ID', rule: clientId, about: namedThere }),
  faceMatcherClientSecret: setting({
    ...{ name: 'FACE_MATCHER_CLIENT_SECRET', rule: clientSecret, about: secretThere },
    secret: true,
  }),
  faceMatcherPad: setting({
    name: 'FACE_MATCHER_PAD',
    rule: padLevel.default('none'),
    about:
      'How well the engine tells a person from a picture of one, by your word: none, active-challenge, or tested, which takes a laboratory’s report (ISO/IEC 30107-3).',
  }),
  facePadRequired: setting({
    name: 'FACE_PAD_REQUIRED',
    rule: padLevel.optional(),
    about:
      'What is asked of the engine in that; one that does less stops the start. tested when not given, active-challenge in the sandbox.',
  }),
};
