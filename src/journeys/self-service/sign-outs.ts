import { toldParties } from '../../domain/deliveries/index.ts';
import { notesOf } from '../../platform/request.ts';
import type { SignOut } from './models.ts';
import type { Visitor } from './visitor.ts';

/** How many relying parties' answers are looked at, and how many sign-outs are shown of them. */
const ENTRIES = 30;
const SHOWN = 3;

/** The last sign-outs, the newest first, and who has confirmed them. */
export async function signOutsOf({ ctx, parts, subscriber }: Visitor): Promise<SignOut[]> {
  const { locale } = notesOf(ctx.req);
  const entries = await parts.deliveries.ofSubscriber(subscriber.id, ENTRIES);
  const signOuts = [...Map.groupBy(entries, ({ signOut }) => signOut).values()].slice(0, SHOWN);
  return Promise.all(
    signOuts.map(async (told) => ({
      at: told[0]!.queuedAt,
      told: await toldParties(
        told,
        async (clientId) => (await parts.client(clientId))?.relyingParty.name[locale] ?? clientId,
      ),
    })),
  );
}
