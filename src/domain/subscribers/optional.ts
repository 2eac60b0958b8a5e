import type { Person, Subscriber } from './subscriber.ts';

/** What an account holds that neither the law nor a sign-in needs: its holder may have it erased (domain.md §5). */
const OPTIONAL = [
  'email',
  'emailVerified',
  'emailChangedAt',
  'nickname',
  'preferredUsername',
  'profile',
  'picture',
  'website',
] as const satisfies readonly (keyof Person)[];

/** Whether there is anything of the kind. */
export const hasOptional = (person: Person): boolean => OPTIONAL.some((member) => person[member] !== undefined);

/** The person as the account holds them, without it. */
export function withoutOptional(subscriber: Subscriber): Person {
  const person = personOf(subscriber);
  for (const member of OPTIONAL) delete (person as Partial<Record<keyof Person, unknown>>)[member];
  return person;
}

/** What of somebody with an account is sealed: the person, without what stands in columns. */
export function personOf(subscriber: Subscriber): Person {
  const {
    id: _,
    state: __,
    accountLevel: ___,
    recordedLevel: ____,
    updatedAt: _____,
    test: ______,
    ...rest
  } = subscriber;
  const { reproofingRequiredSince: _______, reproofingGround: ________, levelPolicy: _________, ...person } = rest;
  return person;
}
