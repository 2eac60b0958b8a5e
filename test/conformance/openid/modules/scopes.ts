import { expect, test } from 'vitest';
import type { Params } from '../../../support/relying-party.ts';
import { ALL_SCOPES } from '../suite.ts';
import { expectTokens, expectUserinfo, redeem } from '../tokens.ts';
import type { BasicPlan } from './basic-plan.ts';

// OpenID Connect Core §5.4.
const CLAIMS: Record<string, string[]> = {
  profile:
    'name family_name given_name middle_name nickname preferred_username profile picture website gender birthdate zoneinfo locale updated_at'.split(
      ' ',
    ),
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
};

/** Scopes and the `claims` parameter: all that was asked, and nothing else. */
export function scopeModules(plan: () => BasicPlan): void {
  const userinfoOf = async (params: Params): Promise<Record<string, unknown>> => {
    const { client, authorize, person } = plan();
    const flow = await authorize(params, { as: person });
    // No claim of the person in the ID token: it goes through the browser of others (Core §5.4).
    const { tokens, claims } = await expectTokens(client, await redeem(client, flow, false), {
      nonce: flow.started.nonce,
    });
    return expectUserinfo(await client.userinfo(tokens.access_token), claims.sub);
  };
  const beside = ['sub', 'acr', 'amr', 'auth_time', 'account_type'];

  for (const [scope, claims] of Object.entries(CLAIMS)) {
    test(`oidcc-scope-${scope}: UserInfo holds its claims and no others`, async () => {
      const got = Object.keys(await userinfoOf({ scope: `openid ${scope}` }));
      expect(got.filter((name) => !beside.includes(name)).sort()).toEqual([...claims].sort());
    });
  }

  test('oidcc-scope-all: the four together', async () => {
    const got = Object.keys(await userinfoOf({ scope: ALL_SCOPES }));
    expect(got.filter((name) => !beside.includes(name)).sort()).toEqual(Object.values(CLAIMS).flat().sort());
  });

  test('oidcc-alternate-happy-flow: scopes and query the other way round', async () => {
    const { client, authorize } = plan();
    const { params } = client.request();
    const reversed = Object.fromEntries(
      Object.keys(params)
        .reverse()
        .map((name) => [name, undefined]),
    );
    const flow = await authorize({
      ...reversed,
      ...Object.fromEntries(Object.entries(params).reverse()),
      scope: 'email openid',
      code_challenge: undefined,
      code_challenge_method: undefined,
    });
    const { tokens, claims } = await expectTokens(client, await redeem(client, flow, false), { nonce: params.nonce });
    expect(flow.answer.state).toBe(params.state);
    const got = expectUserinfo(await client.userinfo(tokens.access_token), claims.sub);
    expect(Object.keys(got)).toContain('email');
    expect(Object.keys(got)).not.toContain('name');
  });

  test('oidcc-claims-essential: an essential name for UserInfo comes there, and not into the ID token', async () => {
    const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
    const got = await userinfoOf({ claims });
    expect(got.name).toBe(plan().server.persona('level-2-chip').name);
    expect(Object.keys(got)).not.toContain('birthdate');
  });

  test('the claims parameter: unknown names and all shapes of a request are no error; an ID token gets what was asked of it', async () => {
    const { client, authorize, person } = plan();
    const claims = {
      userinfo: {
        'https://unknown.example/claim': null,
        gender: null,
        'ho-và-tên"': { essential: true },
        unknown: { value: 1 },
      },
      id_token: { email: { essential: false }, auth_time: { essential: true }, nothing: { values: ['a', 'b'] } },
    };
    const flow = await authorize({ claims: JSON.stringify(claims) }, { as: person });
    const { tokens, claims: told } = await expectTokens(client, await redeem(client, flow, false), {
      nonce: flow.started.nonce,
      more: ['email'],
    });
    expect(told.email).toContain('@');
    expect(told.auth_time).toBeTypeOf('number');
    const got = expectUserinfo(await client.userinfo(tokens.access_token), told.sub);
    expect(Object.keys(got).sort()).toEqual(
      [...new Set([...Object.keys(got).filter((name) => beside.includes(name)), 'gender'])].sort(),
    );
  });

  for (const [what, claims] of [
    ['no JSON', '{'],
    ['no object', '[]'],
    ['neither userinfo nor id_token', '{}'],
    ['a member that is a string', '{"userinfo":{"name":"x"}}'],
    ['a member that is a list', '{"id_token":{"name":[]}}'],
  ] as const) {
    test(`the claims parameter: ${what} is invalid_request`, async () => {
      const { answer, started } = await plan().authorize({ claims });
      expect(answer.error).toBe('invalid_request');
      expect(answer.state).toBe(started.state);
    });
  }
}
