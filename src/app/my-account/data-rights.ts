import { createAccountLinks } from '../../domain/account-links/index.ts';
import type { Journal } from '../../domain/audit/index.ts';
import { createCases } from '../../domain/cases/index.ts';
import { createDataRequests } from '../../domain/data-requests/index.ts';
import type { Notices } from '../../domain/notices/index.ts';
import type { PopulationRegistry } from '../../domain/registry/index.ts';
import type { Subscribers } from '../../domain/subscribers/index.ts';
import { date } from '../../platform/formats.ts';
import type { Foundation } from '../foundation.ts';

/** What people report about their account and ask about their data, and where they have linked it. */
export function dataRights(
  { database, clock, sealer }: Foundation,
  parts: {
    readonly journal: Journal;
    readonly notices: Notices;
    readonly subscribers: Subscribers;
    readonly population?: PopulationRegistry;
  },
) {
  const { journal, notices, subscribers, population } = parts;
  return {
    cases: createCases({ database, clock, journal, sealer: sealer('cases') }),
    accountLinks: createAccountLinks({ database, clock, journal }),
    dataRequests: createDataRequests({
      ...{ database, clock, journal, sealer: sealer('data-requests') },
      ...(population ? { register: population } : {}),
      identityNumber: subscribers.identityNumber,
      tell: async ({ subscriberId, number, decideBy }, of) => {
        const person = await subscribers.find(subscriberId);
        if (!person) return [];
        return of === 'answered'
          ? notices.queueToAll('data_request_answered', person, { number })
          : notices.queueToAll('data_request_acknowledged', person, { number, until: date(decideBy) });
      },
    }),
  };
}
