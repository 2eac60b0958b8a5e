import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PERSONAS } from '../../../src/sandbox/index.ts';
import { type VerifiedClaims, verifiedClaimsResponse } from '../../../src/standards/identity-assurance/index.ts';
import { registered, signedIn } from '../../support/attack.ts';
import { allFound, anOfficer } from '../../support/counter.ts';
import { createCounter } from '../../support/in-person.ts';
import { isAsDescribed } from '../../support/openapi.ts';
import { pictureOf } from '../../support/pictures.ts';
import { plainClient, type RelyingParty } from '../../support/relying-party.ts';
import { passkeyFor, visitOf } from '../../support/remote-proofing.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { evidenceOf, virtualCard } from '../../support/virtual-card.ts';

// identity-assurance.md §5: passive authentication is the hashes and the chain to the country's authority. Where the issuer's word stands
// in place of the chain, record and signed answers say that, wherever the card was read.
describe.each([
  ['authority', { check: 'issuer_vouched', classification: 'issuer-vouched', method: 'data' }],
  ['certificates', { check: 'passive_authentication', classification: 'passive-authentication', method: 'vcrypt' }],
] as const)('a card that is believed by CARD_TRUST=%s', (trust, { check, classification, method }) => {
  let server: TestServer;
  let rp: RelyingParty;
  const clock = { now: () => new Date() };
  beforeAll(async () => {
    const settings = { CARD_TRUST: trust, REMOTE_PROOFING: 'on' };
    server = await startServer({ jobs: false, settings });
    const terms = { allowedScopes: ['openid'], allowedClaims: ['verified_claims', 'name'], metadata: {} };
    const floors = { proofing: 'any' } as const;
    rp = await plainClient(server.issuer, await registered(server, { clientId: 'word', ...terms, floors }));
  });
  afterAll(() => server?.end());

  /** What the client is told of the document that was shown, over UserInfo. */
  async function told(id: string, framework: string) {
    const claimant = { ...server.claimant(id), passkey: await passkeyFor(server, server.claimant(id).identifier) };
    const verification = {
      trust_framework: { value: `${server.issuer}/ida/test/framework/${framework}` },
      assurance_process: { assurance_details: [{ assurance_type: null, assurance_classification: null }] },
      evidence: [{ type: { value: 'document' }, check_details: [{ check_method: null }] }],
    };
    const claims = JSON.stringify({ userinfo: { verified_claims: { verification, claims: { name: null } } } });
    const { tokens } = await signedIn(rp, claimant, { scope: 'openid', claims }, { means: 'passkey' });
    const said = (await rp.userinfo(tokens.access_token)).json<{ verified_claims: VerifiedClaims }>().verified_claims;
    verifiedClaimsResponse.parse(said);
    const { evidence, assurance_process } = said.verification;
    const [document] = evidence as { check_details: { check_method: string }[] }[];
    return {
      methods: document!.check_details.map(({ check_method }) => check_method),
      classifications: assurance_process!.assurance_details!.map((one) => one.assurance_classification),
    };
  }

  test('at the counter', async () => {
    const persona = PERSONAS.find(({ id }) => id === 'level-1')!;
    const ready = await allFound(server, await anOfficer(server, ['intake']), persona);
    expect((await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' })).words).toContain('Đã duyệt');
    const account = (await server.app.parts.subscribers.locate(persona.identityNumber))!;
    const record = (await server.app.parts.subscribers.proofing(account.id))!;
    const [card] = record.evidence;
    expect(card?.checks.slice(0, 2)).toEqual([check, 'chip_authentication']);
    expect(card?.times).toHaveProperty(check);
    expect(account.accountLevel).toBe(2);
    const { methods, classifications } = await told('level-1', 'national-eid');
    expect(methods).toEqual([method, 'vcrypt', 'pvp', 'bvp', 'bvp']);
    expect(classifications.slice(0, 2)).toEqual([classification, 'chip-authentication']);
  });

  test('from home', async () => {
    const id = 'level-2-chip';
    const { identifier } = server.claimant(id);
    await passkeyFor(server, identifier);
    const visit = await visitOf(server, identifier, { clock });
    const { remoteProofings } = server.app.parts;
    expect(await remoteProofings.begin(visit)).toEqual({ begun: true });
    const asked = await remoteProofings.askCard(visit);
    if (!asked.asked) throw new Error(asked.reason);
    const challenge = Buffer.from(asked.challenge, 'base64url');
    const read = await evidenceOf(virtualCard({ persona: id }), { challenge, session: asked.session });
    expect(await remoteProofings.takeCard(visit, { token: asked.token, read })).toEqual({ taken: true });
    const face = await remoteProofings.askFace(visit);
    if (!face.asked) throw new Error(face.reason);
    const picture = await pictureOf(identifier);
    expect(await remoteProofings.takeFace(visit, { token: face.token, picture })).toEqual({ taken: true });
    const record = (await remoteProofings.current(visit.subscriber))!;
    expect(record.evidence[0]?.checks).toEqual([check, 'chip_authentication', 'face_match']);
    const { methods, classifications } = await told(id, 'remote');
    expect(methods).toEqual([method, 'vcrypt', 'bvr']);
    expect(classifications.slice(0, 2)).toEqual([classification, 'chip-authentication']);
  });

  test('in person', async () => {
    const clinic = await createCounter(server.issuer, server.client('sample-clinic'));
    const card = 'level-2-chip-face.genuine';
    const { identityNumber } = server.persona('level-2-chip-face');
    const result = await clinic.check(card, await pictureOf(identityNumber), { claims: ['name'] });
    expect(result.checks).toEqual({
      ...{ card: 'chip_authentication', security_object: check, card_status: 'authority' },
      ...{ face: 'match', register: 'confirmed' },
    });
    const [document] = result.verified_claims!.verification.evidence as object[];
    expect(document).toEqual({
      type: 'document',
      check_details: [{ check_method: method }, { check_method: 'vcrypt' }, { check_method: 'bvp' }],
      document_details: { type: 'idcard' },
    });
    const described = (await clinic.call('GET', '/openapi.json')).json<{
      components: { schemas: { VerificationResult: { properties: { checks: object } } } };
    }>();
    const { checks } = described.components.schemas.VerificationResult.properties;
    expect(isAsDescribed(checks as never, result.checks)).toBe(true);
    expect(isAsDescribed(checks as never, { ...result.checks, security_object: 'anybody' })).toBe(false);
  });
});
