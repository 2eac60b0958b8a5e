import type { Browser } from '../../support/http-client.ts';
import { PROFILES, type Profile, register, type Someone } from './people.ts';
import type { Proven } from './walk.ts';
import type { World } from './world.ts';

/** A browser with a session, and what was proven in it. */
export interface Held {
  readonly browser: Browser;
  readonly who: Someone;
  readonly proofs: readonly Proven[];
}

/** People and their sessions, made once and used again as long as nothing has changed in them. */
export interface Sessions {
  person(profile: Profile): Promise<Someone>;
  /** `low`: by password alone; `high`: by the best that they have. */
  take(profile: Profile, strength: 'low' | 'high'): Promise<Held>;
  /** It went through a sign-in meanwhile: the next one needs another. */
  spend(held: Held): void;
}

/** A session ends after an hour of silence; half of it is left alone. */
const FRESH_ENOUGH = 1500;
/** A telephone gets five codes an hour (limits.ts), an address forty: then it is somebody else's turn, or later. */
const MESSAGES_EACH = 4;
const MESSAGES_IN_ALL = 30;

export function keepSessions(world: World): Sessions {
  const people = new Map<Profile, { who: Someone; began: number }>();
  const held = new Map<string, Held & { usedAt: number }>();
  let rested = 0;

  const person: Sessions['person'] = async (profile) => {
    if (world.messages() - rested >= MESSAGES_IN_ALL) {
      rested = world.messages();
      world.advance(3700);
    }
    const known = people.get(profile);
    if (known && world.messages(known.who.phone) < MESSAGES_EACH) return known.who;
    const who = await register(world.server, PROFILES[profile]);
    people.set(profile, { who, began: world.now() });
    return who;
  };

  return {
    person,
    async take(profile, strength) {
      const who = await person(profile);
      const key = `${profile} ${strength}`;
      const known = held.get(key);
      if (known && known.who === who && world.now() - known.usedAt < FRESH_ENOUGH) {
        known.usedAt = world.now();
        return known;
      }
      const browser = world.browser();
      const rp = await world.client();
      const best = strength === 'high' && who.has.length > 1;
      const asked = best ? { acr_values: world.acr('1.2') } : {};
      const first = strength === 'high' && who.passkey ? ('passkey' as const) : ('password' as const);
      const visited = await world.visit(browser, rp, who, asked, { first });
      if (visited.error !== null || !visited.callback) throw new Error(`no session: ${visited.page.words}`);
      const made = { browser, who, proofs: visited.proven, usedAt: world.now() };
      held.set(key, made);
      return made;
    },
    spend(spent) {
      for (const [key, one] of held) if (one === spent) held.delete(key);
    },
  };
}
