/** A process of its own that guesses a password many times at once, until it is killed: `node guessing-process.ts <url> <subscriber> <times>`. */
import { createDatabase } from '../../src/platform/database.ts';
import { authenticatorsOn, signInByPassword } from './authenticators.ts';

const [url = '', subscriberId = '', times = '0'] = process.argv.slice(2);
const part = authenticatorsOn(createDatabase({ url }), {
  limits: { authenticator: { most: 1_000, window: 0, free: 1_000, pause: 0, keep: 3_600 } },
});
await Promise.all(
  Array.from({ length: Number(times) }, (_, n) =>
    signInByPassword(part, { subscriberId }, `guess ${n}`, `198.51.${n % 100}.1`),
  ),
);
process.send?.('done');
