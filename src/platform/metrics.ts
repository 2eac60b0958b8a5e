import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What is measured. Every label has a bounded set of values: a route's pattern, a closed union, never an identifier. */
export interface Metrics {
  /** RED per route. */
  request(line: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly ms: number;
  }): void;
  /** One verdict of an authenticator, or the end of an interaction (`kind: 'interaction'`). */
  login(line: { readonly kind: string; readonly level: 0 | 1 | 2 | 3 | 4; readonly outcome: LoginOutcome }): void;
  /** One message handed to a channel: SMS cost money (abuse case 40). */
  message(line: {
    readonly channel: string;
    readonly outcome: 'sent' | 'failed' | 'capped';
    readonly region: 'home' | 'abroad' | 'nowhere' | 'mail';
    /** What a gateway bills for: a long message, or one in Vietnamese, is several. */
    readonly parts: number;
  }): void;
  /** The end of one connection of a card reader; the outcome is a code of a closed list. */
  reader(line: { readonly mode: string; readonly outcome: string }): void;
  /** One question to a partner; both are of closed lists. */
  partner(line: { readonly partner: string; readonly outcome: string }): void;
  /** One event that the register reported; both are of closed lists. */
  registerEvent(line: { readonly kind: string; readonly outcome: string }): void;
  /** A number that is read when somebody looks: busy connections, hashes waiting, the oldest undelivered message. */
  gauge(name: string, help: string, read: () => number): void;
  /** The text for Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

export type LoginOutcome = 'success' | 'wrong' | 'throttled' | 'expired' | 'unmet' | 'refused' | 'other';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const ROUTES_AT_MOST = 200;

/** A registry of its own for each process (and each test). */
export function createMetrics(options: { readonly process?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.process ?? true) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const duration = new Histogram({
    name: 'eid_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const logins = new Counter({
    name: 'eid_login_total',
    help: 'Verdicts on proofs, by kind of authenticator, level reached and outcome.',
    labelNames: ['method', 'level', 'outcome'] as const,
    registers,
  });
  const messages = new Counter({
    name: 'eid_message_total',
    help: 'Messages handed to a channel.',
    labelNames: ['channel', 'outcome'] as const,
    registers,
  });
  const messageParts = new Counter({
    name: 'senid_message_parts_total',
    help: 'Text messages as a gateway bills them, by where they went.',
    labelNames: ['channel', 'region'] as const,
    registers,
  });
  const readers = new Counter({
    name: 'senid_reader_sessions_total',
    help: 'Connections of card readers, by mode and outcome.',
    labelNames: ['mode', 'outcome'] as const,
    registers,
  });
  const partners = new Counter({
    name: 'senid_partner_requests_total',
    help: 'Questions to the registers, the face engine and the document authority, by what came of them.',
    labelNames: ['partner', 'outcome'] as const,
    registers,
  });
  const registerEvents = new Counter({
    name: 'senid_register_events_total',
    help: 'Events that the population register reported, by kind and by what came of them.',
    labelNames: ['kind', 'outcome'] as const,
    registers,
  });
  const routes = new Set<string>();
  const bounded = (route: string): string => {
    if (routes.size < ROUTES_AT_MOST) routes.add(route);
    return routes.has(route) ? route : 'other';
  };

  return {
    request({ method, route, status, ms }) {
      const labels = {
        method: METHODS.has(method) ? method : 'other',
        route: bounded(route),
        status: `${Math.floor(status / 100)}xx`,
      };
      duration.observe(labels, ms / 1000);
    },
    login: ({ kind, level, outcome }) => logins.inc({ method: bounded(kind), level, outcome }),
    message({ channel, outcome, region, parts }) {
      messages.inc({ channel: bounded(channel), outcome });
      if (parts > 0) messageParts.inc({ channel: bounded(channel), region }, parts);
    },
    reader: ({ mode, outcome }) => readers.inc({ mode, outcome }),
    partner: ({ partner, outcome }) => partners.inc({ partner, outcome }),
    registerEvent: ({ kind, outcome }) => registerEvents.inc({ kind, outcome }),
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
