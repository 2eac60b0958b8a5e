import type { AnewGround } from '../../../domain/subscribers/index.ts';
import type { Message } from '../../../platform/messages.ts';
import { defineView } from '../../../platform/views.ts';
import type { Pages, PostForm } from '../page-parts.ts';

/** What the first officer does for a person at the counter. */
export interface Counter {
  readonly name: string;
  readonly identityNumber: string | null;
  /** It is the officer themself whom they tried to serve. */
  readonly own: boolean;
  readonly personUrl: string;
  /** Begins a recovery; `null` for an account that cannot be used. */
  readonly recovery: PostForm | null;
  /** Why level 2 is proven anew, and where an application does it, to whoever may begin one; `null` when there is nothing to prove. */
  readonly reproofing: {
    readonly why: AnewGround;
    readonly url: string | null;
  } | null;
}
export const counterPage = defineView<Counter>('operator/counter', 'console.counter.title');

/** One half of what goes on with a recovery, to be given to the person; shown once. */
export interface CounterHalf {
  readonly half: string;
  readonly which: 'first' | 'second';
  readonly backUrl: string;
}
export const counterHalfPage = defineView<CounterHalf>('operator/counter-half', 'console.counter.half.title');

/** Recoveries that wait for a second officer. Nobody is named here: a look at a person is written down. */
export interface Waiting extends Pages {
  readonly notice: Message | null;
  readonly waiting: readonly {
    readonly url: string;
    readonly at: Date;
    readonly by: string;
    readonly mine: boolean;
  }[];
}
export const waitingPage = defineView<Waiting>('operator/waiting', 'console.waiting.title');

/** The person in front of the second officer. Buttons `confirm` and `refuse`. */
export interface Confirm {
  readonly name: string;
  readonly identityNumber: string | null;
  readonly at: Date;
  readonly by: string;
  readonly form: PostForm;
  readonly refused: Message | null;
}
export const confirmPage = defineView<Confirm>('operator/confirm', 'console.confirm.title');
