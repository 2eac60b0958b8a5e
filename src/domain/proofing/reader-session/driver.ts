import { coarse, demand, type RefusalCode, Refused, refuse } from '../../../standards/icao9303/refusal.ts';
import { type CardFile, type ChipEvidence, FILE_LIMITS } from '../chip-evidence.ts';
import { collect } from './collect.ts';
import type { SessionMode } from './frames.ts';
import { IDLE } from './limits.ts';
import { relay } from './relay.ts';
import type { ClaimedSession, Settlement } from './sessions.ts';
import { createTalk, type Talk } from './talk.ts';

/** What one connection of a reader is driven with. */
export interface DriverParts {
  /** Takes the session that the connection's address names, if the token is its own. */
  claim(token: string): Promise<ClaimedSession | undefined>;
  /** Ends it; false when its time is over. */
  settle(settlement: Settlement): Promise<boolean>;
  /** A frame to the reader. */
  send(text: string): void;
  now(): Date;
  random(octets: number): Buffer;
}

/** How a connection ended; only this is logged and counted. */
export interface DriverEnd {
  readonly mode: SessionMode | 'none';
  readonly outcome: 'accepted' | 'refused';
  readonly code?: RefusalCode;
  readonly frames: number;
}

/** The server's side of one connection: text frames in, text frames out. */
export interface Driver {
  receive(text: string): void;
  /** To be called every second or so: nothing happens at a deadline by itself. */
  tick(): void;
  /** Ends it from outside: the connection is gone, or sent what is no text frame. */
  break(code: RefusalCode): void;
  /** Whether the chip has been found. */
  readonly reading: boolean;
  /** Resolves after the last frame; rejects with a fault of ours only. */
  readonly ended: Promise<DriverEnd>;
}

/** How a chip may be opened, best first (9303-11 §4.1). */
const ACCESS = ['PACE-CAN', 'PACE-MRZ', 'BAC', 'none'] as const;

/**
 * Drives a connection to its end. It collects evidence and judges none of it: what cannot be true is refused early, the rest
 * is for the verifier, who has the same octets. One refusal ends the session, and the reader learns its coarse code alone.
 */
export function createDriver(parts: DriverParts): Driver {
  const talk = createTalk({ send: parts.send, now: parts.now });
  let session: ClaimedSession | undefined;
  let mode: SessionMode | undefined;
  let reading = false;

  const converse = async (): Promise<ChipEvidence> => {
    const hello = await talk.next(IDLE.hello, 'hello');
    session = await parts.claim(hello.token);
    demand(session, 'reader.session');
    talk.admit(session.expiresAt);
    mode = agreed(session, hello.mode ?? 'any');
    begin(talk, session, mode);
    const chip = await talk.next(IDLE.chip, 'chip');
    reading = true;
    return mode === 'relay'
      ? await relay({ talk, session, chip, random: parts.random })
      : await collect({ talk, session, mode, chip, random: parts.random });
  };

  const drive = async (): Promise<DriverEnd> => {
    const end = (outcome: DriverEnd['outcome'], code?: RefusalCode): DriverEnd => {
      talk.say({ t: 'done', status: outcome, ...(code ? { code: coarse(code) } : {}) });
      return { mode: mode ?? session?.mode ?? 'none', outcome, ...(code ? { code } : {}), frames: talk.frames };
    };
    try {
      const evidence = await converse();
      return (await parts.settle({ evidence })) ? end('accepted') : end('refused', 'reader.late');
    } catch (error) {
      if (session) await parts.settle({ refused: error instanceof Refused ? error.code : 'reader.lost' });
      if (!(error instanceof Refused)) throw error;
      return end('refused', error.code);
    } finally {
      // Nothing is heard after the end.
      talk.break('reader.protocol');
    }
  };

  const ended = drive();
  return {
    receive: talk.receive,
    tick: talk.tick,
    break: talk.break,
    get reading() {
      return reading;
    },
    ended,
  };
}

/** What session and reader both allow. In relay mode the server opens the chip, and has been given what it takes. */
function agreed({ mode, access }: ClaimedSession, able: SessionMode): SessionMode {
  if (mode === able) return mode;
  if (able === 'any') return mode;
  if (mode === 'any' && (able !== 'relay' || access)) return able;
  return refuse('reader.protocol');
}

function begin(talk: Talk, session: ClaimedSession, mode: SessionMode): void {
  talk.say({
    ...{ t: 'begin', sid: session.sid, mode, expiresAt: session.expiresAt.toISOString() },
    aaChallenge: session.aaChallenge.toString('base64url'),
    need: [...session.need],
    maxFile: Math.max(...session.need.map((file: CardFile) => FILE_LIMITS[file]), 0),
    access: [...ACCESS],
  });
}
