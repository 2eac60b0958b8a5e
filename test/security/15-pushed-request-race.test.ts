import { expect, test } from 'vitest';
import { issuedTwice, race } from '../race/race.ts';
import { pkce } from '../support/stored-flows.ts';
import { twoProcesses } from '../support/two-processes.ts';

// Case 15, its parallel part. RFC 9126 §7.3, FAPI 2.0 §5.3.2.2: a request_uri is answered once.
const here = twoProcesses();

test('of two simultaneous authorizations with one request_uri exactly one gets a code, 500 times', async () => {
  const [outcome] = await race(here.two, 500, { kinds: ['par'] });
  expect(outcome).toMatchObject({ once: 500, never: 0, twice: 0, faults: 0 });
  expect(outcome?.met).toBeGreaterThan(10);
  expect(await issuedTwice(here.database)).toMatchObject({ codesBeyondPushedRequests: 0 });
});

test('a page that is loaded ahead of time does not use it up; the sign-in does, and then it is refused', async () => {
  const [one, other] = here.two.sides;
  const { verifier, challenge } = pkce();
  const { url } = await one.pushed(challenge);
  const ahead = await other.browser().open(url);
  expect(ahead.status).toBe(200);
  const code = await one.codeFrom(one.browser(), url);
  expect(code).toBeTruthy();
  expect(verifier).toBeTruthy();
  const again = await other.browser().send(url);
  expect(String(again.location ?? again.text)).toContain('invalid_request_uri');
});

test('two sign-ins that began with one request_uri end in one code', async () => {
  const [one, other] = here.two.sides;
  const { url } = await one.pushed(pkce().challenge);
  const pages = await Promise.all([one, other].map((side) => side.browser().open(url)));
  const ends = await Promise.all(pages.map((page) => page.submit().catch((error: Error) => error)));
  const codes = ends.filter((end) => !(end instanceof Error) && end.location?.includes('code='));
  expect(codes).toHaveLength(1);
});
