/** How far a long piece of administration has come. Numbers only: it may be shown and logged. */
export type Progress = {
  /** What is worked on: a file or folder of the data folder, or `restore`. */
  readonly part: string;
  readonly done: number;
  readonly total: number;
  readonly unit: "pages" | "segments" | "files" | "accounts";
};

/** Called often; whoever shows it chooses how much of it. */
export type OnProgress = (progress: Progress) => void;

export const unheard: OnProgress = () => undefined;
