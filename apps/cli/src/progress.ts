/** Progress of what takes long, on standard error: a sentence or a JSON value, at most one a second, and nothing for what is done by then. */

const EVERY_MS = 1_000;

type Progress = { readonly part: string; readonly done: number; readonly total: number; readonly unit: string };

export type ProgressView = {
  readonly isJson: boolean;
  readonly write: (line: string) => void;
  readonly now: () => number;
};

export function showProgress({ isJson, write, now }: ProgressView): (progress: Progress) => void {
  let shownAt = now();
  return ({ part, done, total, unit }) => {
    if (now() - shownAt < EVERY_MS) return;
    shownAt = now();
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
    write(isJson ? JSON.stringify({ progress: part, done, total, unit }) : `${part}: ${done} of ${total} ${unit} (${percent} %)`);
  };
}
