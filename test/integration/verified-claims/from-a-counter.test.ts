import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PERSONAS } from '../../../src/sandbox/index.ts';
import { type VerifiedClaims, verifiedClaimsResponse } from '../../../src/standards/identity-assurance/index.ts';
import { signedIn } from '../../support/attack.ts';
import { aCapture, allFound, anOfficer, type Seat } from '../../support/counter.ts';
import { createBrowser, type Page } from '../../support/http-client.ts';
import { plainClient, type RelyingParty } from '../../support/relying-party.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import type { Claimant } from '../../support/sign-in.ts';
import { type CreationOptions, softwarePasskey } from '../../support/software-passkey.ts';
import { EXAMPLE_A, EXAMPLE_B, FRAMEWORK } from '../../unit/standards/identity-assurance/examples.ts';

// identity-assurance.md §5, of accounts that a counter has raised, not of records that a test or a seed wrote: the face that the
// officer compared is document and pvp, the fingerprints document and bvp.
describe('verified claims of somebody whom a counter has raised', () => {
  let server: TestServer;
  let officer: Seat;
  let rp: RelyingParty;
  beforeAll(async () => {
    server = await startServer({ jobs: false });
    officer = await anOfficer(server, ['intake']);
    rp = await plainClient(server.issuer, server.client('sandbox-confidential'));
  });
  afterAll(() => server?.end());

  /** Binds a passkey with the code that the officer hands over. */
  async function bound(approved: Page, identityNumber: string): Promise<Claimant> {
    const handed = await approved.submit({}, { form: 'give-code' });
    const code = /[0-9A-Z]{4}(-[0-9A-Z]{4}){3}/.exec(handed.words)![0];
    const ways = await (await createBrowser().open(`${server.issuer}/counter`)).submit({ code }, { form: 'code-form' });
    const { hostname, origin } = new URL(server.issuer);
    const passkey = softwarePasskey({ rpId: hostname, origin, backedUp: true });
    const options = JSON.parse(ways.form('register-form').attributes.get('data-options') ?? '{}') as CreationOptions;
    const response = JSON.stringify(passkey.create(options));
    const done = await ways.submit({ response, name: 'Điện thoại' }, { form: 'register-form' });
    expect(done.words).toContain('đã ở mức 2');
    return { identifier: identityNumber, passkey };
  }

  /** How the evidence was checked, for a request for this evidence alone; undefined where nothing comes. */
  async function methods(claimant: Claimant, type: string, method: string | null): Promise<string[] | undefined> {
    const check_details = [{ check_method: method === null ? null : { value: method } }];
    const asked = {
      verification: { trust_framework: null, evidence: [{ type: { value: type }, check_details }] },
      claims: { name: null },
    };
    const claims = JSON.stringify({ userinfo: { verified_claims: asked } });
    const signed = await signedIn(rp, claimant, { scope: 'openid', claims }, { means: 'passkey' });
    const said = (await rp.userinfo(signed.tokens.access_token)).json<{ verified_claims?: VerifiedClaims }>();
    if (said.verified_claims === undefined) return undefined;
    verifiedClaimsResponse.parse(said.verified_claims);
    const [evidence] = said.verified_claims.verification.evidence as { check_details: { check_method: string }[] }[];
    return evidence!.check_details.map(({ check_method }) => check_method);
  }

  test('name face and fingerprints with the document, and the register’s answer with the register', async () => {
    const who = PERSONAS.find(({ id }) => id === 'level-1')!;
    const ready = await allFound(server, officer, who, { capture: aCapture() });
    const claimant = await bound(
      await ready.submit({ claim: 'own', seen: 'yes' }, { form: 'approve' }),
      who.identityNumber,
    );
    const account = (await server.app.parts.subscribers.locate(who.identityNumber))!;
    const record = (await server.app.parts.subscribers.proofing(account.id))!;
    expect(record.evidence.map(({ kind, checks }) => [kind, ...checks])).toEqual([
      ['chip_card', 'passive_authentication', expect.any(String), 'portrait_match', 'face_match', 'fingerprint_match'],
      ['register_entry', 'register_match'],
    ]);
    // The engine beside the officer is automated, as fingerprints are.
    expect(await methods(claimant, 'document', 'bvp')).toEqual(['bvp', 'bvp']);
    expect(await methods(claimant, 'document', 'pvp')).toEqual(['pvp']);
    expect(await methods(claimant, 'document', null)).toEqual(['vcrypt', 'vcrypt', 'pvp', 'bvp', 'bvp']);
    expect(await methods(claimant, 'electronic_record', null)).toEqual(['data']);
    expect(await methods(claimant, 'electronic_record', 'bvp')).toBeUndefined();
    await examples(claimant, who.person);
  });

  const sent = async (claimant: Claimant, asked: object) => {
    const claims = JSON.stringify(JSON.parse(JSON.stringify(asked).replaceAll(FRAMEWORK, here())));
    const { tokens, idToken } = await signedIn(rp, claimant, { scope: 'openid', claims }, { means: 'passkey' });
    const { verified_claims } = (await rp.userinfo(tokens.access_token)).json<{ verified_claims?: VerifiedClaims }>();
    return { userinfo: verified_claims, idToken: idToken.verified_claims };
  };
  const here = () => `${server.issuer}/ida/test/framework/national-eid`;
  const time = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/);

  /** identity-assurance.md, examples A and B, as they stand there: what differs is our issuer, and that A was seen at a counter. */
  async function examples(claimant: Claimant, person: { familyName?: string; givenName?: string; birthdate: string }) {
    const a = await sent(claimant, { userinfo: { verified_claims: EXAMPLE_A.asked } });
    verifiedClaimsResponse.parse(a.userinfo);
    expect(a.idToken).toBeUndefined();
    expect(a.userinfo).toStrictEqual({
      verification: {
        ...{ trust_framework: here(), assurance_level: 'counter-biometric', time },
        assurance_process: {
          assurance_details: [
            ['chip', 'passive-authentication'],
            ['chip', expect.stringMatching(/^(active|chip)-authentication$/)],
            ['biometric', 'face'],
            ['biometric', 'face'],
            ['biometric', 'fingerprint'],
            // Its check stands with the register, which was not asked for.
            ['register', 'register-match'],
          ].map(([type, assurance_classification], at) => ({
            ...{ assurance_type: `${server.issuer}/ida/test/assurance/${type}`, assurance_classification },
            ...(at < 5 ? { evidence_ref: [{ check_id: expect.any(String) }] } : {}),
          })),
        },
        evidence: [
          {
            type: 'document',
            check_details: ['vcrypt', 'vcrypt', 'pvp', 'bvp', 'bvp'].map((check_method) => ({
              ...{ check_method, check_id: expect.any(String), time },
            })),
            document_details: { type: 'idcard', date_of_expiry: expect.stringMatching(/^20\d{2}-\d{2}-\d{2}$/) },
          },
        ],
      },
      claims: { given_name: person.givenName, family_name: person.familyName, birthdate: person.birthdate },
    });

    const b = await sent(claimant, { id_token: { verified_claims: EXAMPLE_B.asked } });
    verifiedClaimsResponse.parse(b.idToken);
    expect(b.userinfo).toBeUndefined();
    expect(b.idToken).toStrictEqual([
      {
        verification: {
          ...{ trust_framework: here(), assurance_level: 'counter-biometric' },
          evidence: [
            {
              type: 'document',
              check_details: [{ check_method: 'bvp' }, { check_method: 'bvp' }],
              document_details: { type: 'idcard' },
            },
            {
              type: 'electronic_record',
              check_details: [{ check_method: 'data' }],
              record: { type: 'population_register', source: { country_code: 'VNM' } },
            },
          ],
        },
        // No record of ours says where somebody was born.
        claims: { family_name: person.familyName, nationalities: ['VNM'] },
      },
    ]);
  }
});
