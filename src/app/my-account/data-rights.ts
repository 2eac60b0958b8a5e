import { createAccountLinks } from '../../domain/account-links/index.ts';
import type { Journal } from '../../domain/audit/index.ts';
import { createCases } from '../../domain/cases/index.ts';
import { createDataRequests } from '../../domain/data-requests/index.ts';
import type { NoticeKind, NoticeValues } from '../../domain/notices/index.ts';
import type { PopulationRegistry } from '../../domain/registry/index.ts';
import type { Subscribers } from '../../domain/subscribers/index.ts';
import { date } from '../../platform/formats.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import type { Foundation } from '../foundation.ts';

/** What people report about their account and ask about their data, and where they have linked it. */
export function dataRights(
  { database, clock, sealer }: Foundation,
  parts: {
    readonly journal: Journal;
    readonly told: <Kind extends NoticeKind>(id: string, kind: Kind, values: NoticeValues<Kind>) => Promise<Write[]>;
    readonly subscribers: Subscribers;
    readonly population?: PopulationRegistry;
  },
) {
  const { journal, subscribers, told, population } = parts;
  return {
    cases: createCases({ database, clock, journal, sealer: sealer('cases') }),
    accountLinks: createAccountLinks({ database, clock, journal }),
    dataRequests: createDataRequests({
      ...{ database, clock, journal, sealer: sealer('data-requests') },
      ...(population ? { register: population } : {}),
      identityNumber: subscribers.identityNumber,
      tell: ({ subscriberId, number, decideBy }, of) =>
        of === 'answered'
          ? told(subscriberId, 'data_request_answered', { number })
          : told(subscriberId, 'data_request_acknowledged', { number, until: date(decideBy) }),
    }),
  };
}
