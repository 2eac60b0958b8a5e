import { expect, test } from 'vitest';
import { race } from '../race/race.ts';
import { createDpopKey } from '../support/dpop.ts';
import { pkce } from '../support/stored-flows.ts';
import { twoProcesses } from '../support/two-processes.ts';

// Case 11. RFC 9449 §11.1: a proof is accepted once, by whichever process.
const here = twoProcesses();

test('of two simultaneous uses of a proof exactly one is honoured, 500 times', async () => {
  const [outcome] = await race(here.two, 500, { kinds: ['proof'] });
  expect(outcome).toMatchObject({ once: 500, never: 0, twice: 0, faults: 0 });
  expect(outcome?.met).toBeGreaterThan(50);
});

test('one proof sent a hundred times to each of two processes is honoured once; the others are told invalid_token', async () => {
  const [one, other] = here.two.sides;
  const key = await createDpopKey();
  const { verifier, challenge } = pkce();
  const code = await one.codeFrom(one.browser(), (await one.pushed(challenge)).url);
  const accessToken = (await one.redeemBound(code, verifier, key)).json<{ access_token: string }>().access_token;
  const proof = await key.proof({ method: 'GET', url: `${one.issuer}/me`, accessToken });
  const headers = { authorization: `DPoP ${accessToken}`, dpop: proof };
  const replies = await Promise.all(
    Array.from({ length: 200 }, (_, index) => (index % 2 ? one : other).send(`${one.issuer}/me`, { headers })),
  );
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  const refused = replies.filter(({ status }) => status !== 200);
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([401]));
  expect(refused.every((reply) => reply.json().error === 'invalid_token')).toBe(true);
  expect(
    refused.every(({ headers: answered }) => /^DPoP .*invalid_token/.test(String(answered['www-authenticate']))),
  ).toBe(true);
});

test('one proof at the token endpoint of two processes redeems one of two codes', async () => {
  const [one, other] = here.two.sides;
  const key = await createDpopKey();
  const codes = await Promise.all(
    [1, 2].map(async () => {
      const { verifier, challenge } = pkce();
      return { verifier, code: await one.codeFrom(one.browser(), (await one.pushed(challenge)).url) };
    }),
  );
  const proof = await key.proof({ method: 'POST', url: `${one.issuer}/token` });
  const replies = await Promise.all(
    codes.map(({ code, verifier }, index) => (index ? one : other).redeemBound(code, verifier, key, { proof })),
  );
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 400]);
  expect(replies.find(({ status }) => status === 400)?.json()).toMatchObject({ error: 'invalid_grant' });
});
