/** Conversations of invented people, before they have the form of a service. The same size gives the same talk. */
import { Dice, inventName, inventPhoto, inventText } from "./invented.ts";

export type ExportSize = {
  readonly seed: number;
  readonly conversations: number;
  readonly messagesEach: number;
  /** One message in so many has a photo; 0 for none. */
  readonly photoOnce?: number;
  readonly photoBytes?: number;
};

export type Talk = {
  readonly index: number;
  readonly isGroup: boolean;
  readonly title: string;
  /** Numbers for `inventName`; 0, the owner, is the last. */
  readonly people: readonly number[];
  /** In order of time. To be taken before the next conversation. */
  readonly messages: Iterable<Said>;
};

export type Said = {
  /** From 0 in each conversation. */
  readonly index: number;
  readonly at: number;
  readonly by: number;
  readonly text: string;
  readonly photo?: Uint8Array;
  readonly reaction?: { readonly emoji: string; readonly by: number };
  /** Index of an earlier message. */
  readonly answers?: number;
};

const START = Date.UTC(2016, 2, 3);

export function* inventTalk(size: ExportSize): Generator<Talk> {
  const dice = new Dice(size.seed);
  for (let index = 0; index < size.conversations; index++) {
    const isGroup = index % 7 === 6;
    const people = [...(isGroup ? [index + 1, index + 2, index + 3] : [index + 1]), 0];
    const title = isGroup ? `Choir ${index} é` : inventName(index + 1);
    yield { index, isGroup, title, people, messages: inventSaid(size, people, dice) };
  }
}

function* inventSaid(size: ExportSize, people: readonly number[], dice: Dice): Generator<Said> {
  const { messagesEach, photoOnce = 0, photoBytes = 2000 } = size;
  let at = START + dice.below(1_000_000_000);
  for (let index = 0; index < messagesEach; index++) {
    // Sometimes two messages of the same time.
    at += dice.once(50) ? 0 : 1000 + dice.below(200_000);
    const photo = photoOnce > 0 && dice.once(photoOnce) ? inventPhoto(dice, photoBytes) : undefined;
    yield {
      index,
      at,
      by: dice.pick(people),
      text: inventText(dice),
      ...(photo === undefined ? {} : { photo }),
      ...(dice.once(12) ? { reaction: { emoji: dice.pick(["❤", "👍", "😂"]), by: dice.pick(people) } } : {}),
      ...(index > 0 && dice.once(15) ? { answers: dice.below(index) } : {}),
    };
  }
}

export const two = (number: number): string => String(number).padStart(2, "0");
/** "2021-03-04 05:06:07", UTC. */
export const plainTime = (at: number): string => new Date(at).toISOString().slice(0, 19).replace("T", " ");
