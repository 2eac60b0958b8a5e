import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxReporter } from '../../../src/app/registers/register-events.ts';
import { createSimulatedReporter } from '../../../src/domain/register-events/index.ts';
import type { SimulatedPopulationRegistry } from '../../../src/domain/registry/index.ts';
import { systemClock as clock } from '../../../src/platform/clock.ts';
import { NEWCOMERS, passportOf } from '../../../src/sandbox/index.ts';
import { aCapture, anOfficer, cardRead, faceTaken, printsTaken, type Seat, served } from '../../support/counter.ts';
import { createBrowser, type Page } from '../../support/http-client.ts';
import { checkInvariants } from '../../support/invariants.ts';
import { cardKey } from '../../support/register-reports.ts';
import { plainClient, type RelyingParty } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { settingsOf } from '../../support/settings.ts';
import { holdCard, signIn } from '../../support/sign-in.ts';

// What the register has reported of a foreigner's passport holds at once, whatever it answers when it is asked, and whatever the state
// that issued it says: another one was issued, and this one is evidence of nobody, and signs nobody in.
let server: TestServer;
let officer: Seat;
let rp: RelyingParty;
let issued: (document: string) => Promise<void>;
beforeAll(async () => {
  server = await startServer({ jobs: false });
  officer = await anOfficer(server, ['intake']);
  rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
  const reporter = createSimulatedReporter({
    ...sandboxReporter({ settings: settingsOf(server.environment) }),
    clock,
  });
  issued = async (document) => {
    // The last day of the passport in the drawer: of the other one it is the same.
    const said = { document_number: document, expires_on: '2034-03-02' };
    const token = await reporter.report('passport-issued', tomas.identityNumber, said);
    expect(await server.app.parts.registerEvents.take(token)).toMatchObject({ taken: true });
  };
});
afterAll(() => server?.end());

const tomas = (() => {
  const { id, person } = NEWCOMERS.find((one) => one.id === 'foreigner')!;
  return { id, identityNumber: person.identityNumber, person };
})();
const MINE = passportOf(tomas.identityNumber)!.documentNumber;
const NEXT = 'U00000077';
/** The other one in the drawer. */
const OTHER = MINE.replace('U', 'X');
const PASSPORT = 'foreigner.passport';
const PASSWORD = 'bach-tuoc-nhay-tren-mai-ngoi';
const SAID = 'hộ chiếu mới thay cho hộ chiếu này';
const idOf = (page: Page): string => /counter\/([0-9a-f-]{36})/.exec(page.url)?.[1] ?? '';
const asPresented = async (page: Page) => (await server.app.parts.counter!.find(idOf(page), officer.operator))!;
const again = (page: Page) => officer.browser.open(`${server.issuer}/operator/counter/${idOf(page)}`);
/** What the register answers from now on when it is asked. */
const names = (documentNumber: string): void => {
  const { population } = server.app.parts.registers as unknown as { population: SimulatedPopulationRegistry };
  population.amend(tomas.identityNumber, (entry) => ({ ...entry, passport: { ...entry.passport!, documentNumber } }));
};
const account = () => server.app.parts.subscribers.locate(tomas.identityNumber);
const read = async () => cardRead(await served(server, officer, tomas as never), PASSPORT);

/** The page that is answered once the passport was held to the reader, where the password was given before, or as the first thing. */
async function shown(first: 'password' | 'passport'): Promise<{ page: Page; code: () => Promise<number> }> {
  const acr = first === 'password' ? 'level-2' : 'level-1';
  const started = await rp.begin({ scope: 'openid assurance', acr_values: `${server.issuer}/assurance/test/${acr}` });
  const claimant = { identifier: tomas.identityNumber, password: PASSWORD };
  const begun = await createBrowser().open(started.url);
  const waiting =
    first === 'password' ? await signIn(begun, claimant) : await begun.submit({}, { form: 'sign-in', button: 'card' });
  const page = await holdCard(waiting, PASSPORT);
  return {
    page,
    code: async () => (await rp.exchange((await signIn(page, claimant)).location ?? '', started)).status,
  };
}

describe('a passport in whose place the register has reported another', () => {
  test('is nobody’s evidence when it is shown, although the register names it yet when it is asked', async () => {
    const { counter, journal } = server.app.parts;
    await issued(NEXT);
    const page = await read();
    expect(page.words).toContain(SAID);
    const last = (await counter!.checks(idOf(page))).findLast(({ kind }) => kind === 'card');
    expect(last).toMatchObject({ result: 'failed', detail: { refusal: 'document.passport_replaced' } });
    const [event] = await journal.query({ types: ['counter.checked'], limit: 1 });
    expect(event!.detail).toMatchObject({ application: idOf(page), refusal: 'document.passport_replaced' });
    const seen = await officer.browser.open(`${server.issuer}/operator/counter/${idOf(page)}?lang=en`);
    expect(seen.words).toContain('a newer passport in place of this one');
    await (await officer.browser.open(`${server.issuer}/operator/counter/${idOf(page)}?lang=vi`)).submit(
      {},
      { form: 'withdraw' },
    );
  });

  test('nor where it was reported between the reading and the decision, or the code', async () => {
    const { counter, subscribers } = server.app.parts;
    await issued(MINE);
    const face = await faceTaken(officer, await read(), tomas.identityNumber);
    const ready = await printsTaken(face, aCapture());
    await issued(NEXT);
    const no = await ready.submit({ seen: 'yes' }, { form: 'approve' });
    expect(no.words).toContain('không duyệt được. Hãy đọc thẻ cấp lần cuối; của người nước ngoài là hộ chiếu mới');
    expect(await account()).toBeUndefined();

    await issued(MINE);
    expect(await counter!.approve(await asPresented(ready), 'own', officer.operator)).toEqual({ decided: true });
    // What is made there names the passport that was read.
    const { id } = (await account())!;
    expect((await subscribers.proofing(id))?.card).toEqual(cardKey(server, MINE));
    const code = async () => counter!.giveCode(await asPresented(ready), officer.operator, true);
    expect(await code()).toMatchObject({ given: true });
    await issued(NEXT);
    expect(await code()).toEqual({ given: false, reason: 'card_reported' });
    // Nor when it is held to the reader once more: that it was compared at the decision is not enough.
    expect((await cardRead(await again(ready), PASSPORT)).words).toContain(SAID);
    // The new one is, once the register names it: then what is bound is that.
    const passes = /Chíp của thẻ\s*Khớp/;
    const other = await cardRead(await again(ready), 'foreigner.passport-other');
    expect(other.words).toContain('không phải hộ chiếu mà cơ sở dữ liệu');
    names(OTHER);
    await issued(OTHER);
    expect((await cardRead(await again(ready), 'foreigner.passport-other')).words).toMatch(passes);
    expect((await asPresented(ready)).applicant?.card?.documentNumber).toBe(OTHER);
    names(MINE);
    await issued(MINE);
    const own = await cardRead(await again(ready), PASSPORT);
    expect(own.words).toMatch(passes);
    // What was found of a face beside the other one's picture is found anew.
    await faceTaken(officer, own, tomas.identityNumber);
    const handed = await (await again(ready)).submit({ seen: 'yes' }, { form: 'give-code' });
    const printed = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec(handed.words)![0];
    const bindPage = await (await createBrowser().open(`${server.issuer}/counter`)).submit(
      { code: printed },
      { form: 'code-form' },
    );
    await bindPage.submit({ password: PASSWORD }, { form: 'password-form' });
    const kinds = (await server.app.parts.authenticators.of(id)).map(({ kind }) => kind).sort();
    expect(kinds).toEqual(['chip-card', 'password']);
    await checkInvariants(server.database, server.app);
  });

  test('signs nobody in, as the second proof or as the first, until it is the one issued last again', async () => {
    const { subscribers, journal } = server.app.parts;
    for (const first of ['password', 'passport'] as const)
      expect([first, await (await shown(first)).code()]).toEqual([first, 200]);
    const person = (await account())!;
    // The very one, told once more, and late.
    await issued(MINE);
    expect(await (await shown('password')).code()).toBe(200);
    expect(await subscribers.anewGround(person)).toBeUndefined();

    await issued(NEXT);
    for (const first of ['password', 'passport'] as const) {
      const { page } = await shown(first);
      expect(page.words).toContain(SAID);
      const [event] = await journal.query({ types: ['authentication.failed'], limit: 1 });
      expect(event!.detail).toMatchObject({ kind: 'chip-card', refusal: 'document.passport_replaced' });
    }
    // The level stays, by the register's word, and the counter makes another record: of the passport that is there now.
    expect(await account()).toMatchObject({ state: 'active', accountLevel: 2 });
    expect(await subscribers.anewGround(person)).toBe('document_over');
    expect((await read()).words).toContain(SAID);

    await issued(MINE);
    expect(await (await shown('password')).code()).toBe(200);
    expect(await subscribers.anewGround(person)).toBeUndefined();
    await checkInvariants(server.database, server.app);
  });
});
