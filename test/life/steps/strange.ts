import assert from 'node:assert/strict';
import { newToken } from '../../../src/platform/ids.ts';
import { asking } from '../../support/applications.ts';
import { sessionKey, somewhere } from '../hands.ts';
import type { Act } from '../step.ts';
import { type Citizen, isActive, type Sought } from '../village.ts';
import type { World } from '../world.ts';

const MINUTE = 60_000;
/** The network of whoever knows nothing of anybody but a number. */
const THEIRS = '2001:db8:bad:1::7';

/** For each sort of code that anybody may have sent: whether the page goes on as though it had been. */
const ASK: Readonly<Record<Sought, (world: World, who: Citizen, typed: string, from: string) => Promise<boolean>>> = {
  async recovery({ parts }, _, identifier, address) {
    const asked = { method: 'own-phone', identifier, sessionKey: sessionKey(), address, locale: 'vi' } as const;
    return (await parts.recoveries.ask(asked)).asked;
  },
  async lock({ lockCodes }, _, identifier, from) {
    const asked = { identifier, phone: 'own', sessionKey: sessionKey(), from, locale: 'vi' } as const;
    return (await lockCodes.ask(asked)).sent;
  },
  async 'sign-up'({ online }, { entry }, _, from) {
    const token = newToken();
    const { identityNumber, accountType } = entry.person;
    // Of age, and nobody's name.
    const identity = { accountType, identityNumber, fullName: 'Lê Văn Khác', birthdate: '1971-07-07' };
    assert.notEqual(await online.identify(token, identity, 'vi'), 'too_young');
    return (await online.askPhone(token, entry.phone, asking(from))).asked;
  },
};
const LETTER = { recovery: 'recovery_code', lock: 'lock_code', 'sign-up': 'sign_up_code' } as const;

/** Whether anything can be sent for it at all. */
const isReached = ({ account, entry }: Citizen, what: Sought): boolean =>
  what === 'sign-up' || (account?.phone === entry.phone && (what === 'lock' ? !account.closed : isActive(account)));

/** How often somebody else than the stranger has asked within so many minutes, and a little more than that. */
const within = ({ asked }: Citizen, what: Sought, minutes: number): number =>
  asked[what].filter((at) => at > Date.now() - minutes * 1.2 * MINUTE).length;

/**
 * Somebody who knows a number has codes sent to its holder from one network, as many as they like, and then the holder asks: they are
 * written to, whatever the stranger did, unless they have asked often enough by themselves (abuse case 37).
 */
export const strangerAsks =
  (what: Sought, times: number): Act =>
  async (world, who) => {
    if (who.guardian !== undefined) return undefined;
    const { person, phone } = who.entry;
    const typed = [person.identityNumber, phone];
    for (let n = 0; n < times; n += 1) await ASK[what](world, who, typed[n % 2]!, THEIRS);
    const newest = () => world.newest(phone, LETTER[what]);
    const before = await newest();
    const may = within(who, what, 60) === 0 && within(who, what, 24 * 60) <= 3;
    who.asked[what].push(Date.now());
    const asked = await ASK[what](world, who, person.identityNumber, somewhere());
    assert.ok(asked || !may, `${what}: a stranger has used up what was the holder's`);
    const written = (await newest()) !== before;
    assert.ok(
      written || !may || !isReached(who, what),
      `${what}: the holder waits for a code that a stranger has used up`,
    );
    assert.ok(!written || isReached(who, what), `${what}: a code of an account that cannot be used`);
    return written ? `${what}, and the owner is written to` : what;
  };
