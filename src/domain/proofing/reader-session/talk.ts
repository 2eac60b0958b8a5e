import { demand, type RefusalCode, Refused } from '../../../standards/icao9303/refusal.ts';
import {
  type Bare,
  type ClientFrame,
  type ClientFrameType,
  clientFrame,
  FAILURES,
  type ServerFrame,
} from './frames.ts';
import { LIMITS } from './limits.ts';

/** One connection's frames: what comes is bounded, parsed and counted; what goes is numbered. */
export interface Talk {
  /** A text frame of the reader. Whatever is wrong with it ends the talk. */
  receive(text: string): void;
  /**
   * The next frame, which has to be one of `types` and to come within `idle` seconds. Refuses `reader.protocol` for any other,
   * and what the reader gives up with.
   */
  next<Type extends ClientFrameType>(idle: number, ...types: Type[]): Promise<ClientFrame<Type>>;
  /** Sends a frame; answers its `seq`. */
  say(frame: Bare<ServerFrame>): number;
  /** The token was good: more may come, and everything has to be over by `end`. */
  admit(end: Date): void;
  /** Looks at the clock; called every second or so. */
  tick(): void;
  /** Ends the talk: whoever waits for a frame gets the refusal, after the frames that came before. */
  break(code: RefusalCode): void;
  /** Frames received. */
  readonly frames: number;
}

export function createTalk({ send, now }: { send(text: string): void; now(): Date }): Talk {
  const inbox: ClientFrame[] = [];
  // Stands behind what came before it: a reader that has sent everything may hang up.
  let broken: Refused | undefined;
  let waiting: { wake(): void; latest: number } | undefined;
  let end = Number.POSITIVE_INFINITY;
  let known = false;
  let heard = 0;
  let said = 0;
  let frames = 0;
  let total = 0;

  const breakOff = (code: RefusalCode): void => {
    broken ??= new Refused(code);
    waiting?.wake();
  };
  const parsed = (text: string): ClientFrame => {
    frames += 1;
    total += text.length;
    const most = known ? LIMITS.session : LIMITS.stranger;
    demand(text.length <= LIMITS.frame && total <= most && frames <= LIMITS.frames, 'input.too_large');
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      throw new Refused('reader.protocol');
    }
    const { success, data } = clientFrame.safeParse(json);
    demand(success && data, 'reader.protocol');
    demand(data.seq > heard, 'reader.protocol');
    heard = data.seq;
    return data;
  };

  return {
    receive(text) {
      if (broken) return;
      try {
        inbox.push(parsed(text));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        return breakOff(error.code);
      }
      waiting?.wake();
    },
    async next(idle, ...types) {
      if (inbox.length === 0 && !broken) {
        await new Promise<void>((wake) => {
          waiting = { wake, latest: now().getTime() + idle * 1000 };
        });
        waiting = undefined;
      }
      const frame = inbox.shift();
      if (!frame) throw broken ?? new Error('woken for nothing');
      if (frame.t === 'fail') throw new Refused(FAILURES[frame.reason]);
      demand((types as ClientFrameType[]).includes(frame.t), 'reader.protocol');
      return frame as ClientFrame<(typeof types)[number]>;
    },
    say(frame) {
      said += 1;
      send(JSON.stringify({ v: 1, seq: said, ...frame }));
      return said;
    },
    admit(moment) {
      known = true;
      end = moment.getTime();
    },
    tick() {
      const time = now().getTime();
      if (time >= end || (waiting && time >= waiting.latest)) breakOff('reader.late');
    },
    break: breakOff,
    get frames() {
      return frames;
    },
  };
}
