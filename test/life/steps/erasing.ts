import assert from 'node:assert/strict';
import { createBrowser } from '../../support/http-client.ts';
import { signIn } from '../../support/sign-in.ts';
import type { Act } from '../step.ts';
import { isActive } from '../village.ts';
import { waysOf } from './disowning.ts';
import { noneAccepted } from './relying.ts';

/**
 * 10: somebody asks that everything be erased. What rests on their consent goes at once; the account and its history stay, and they
 * are answered with the reason. `holds` counts what is left.
 */
export const eraseAll =
  (what: readonly ('account' | 'consents')[]): Act =>
  async (world, who) => {
    const { account } = who;
    const [way] = account ? await waysOf(who) : [];
    if (!account || !isActive(account) || !way) return undefined;
    const own = createBrowser();
    const page = await signIn(await own.open(`${world.issuer}/account/data/erase`), way.claimant, way.means);
    account.ended = false;
    if (!page.forms.some(({ id }) => id === 'erase-form')) return 'nobody was asked';
    const fields = Object.fromEntries(what.map((name) => [name, 'yes']));
    const [before] = await world.parts.dataRequests.of(account.id, { limit: 1 });
    const answered = await page.submit(fields, { form: 'erase-form', button: 'continue' });
    const [request] = await world.parts.dataRequests.of(account.id, { limit: 1 });
    if (request?.id === before?.id) return `more is to be proven at ${new URL(answered.url).pathname.split('/')[1]}`;
    const outcome = !what.includes('account') ? 'granted' : what.length > 1 ? 'partly' : 'refused';
    assert.equal(request?.decision?.outcome, outcome, 'what was answered to an erasure');
    assert.ok(request?.decision?.reason, 'an erasure was answered without a reason');
    assert.equal((await world.parts.subscribers.find(account.id))?.state, 'active', 'an account was erased');
    if (!what.includes('consents')) return outcome;
    const parties = world.parties.map(({ config }) => config.client_id);
    for (const party of parties)
      assert.equal(await world.parts.consents.find(account.id, party), undefined, 'a consent outlived its erasure');
    for (const given of account.given) given.alive = false;
    await noneAccepted(world, account);
    return outcome;
  };
