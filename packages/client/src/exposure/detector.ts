/** What looks at messages: a port. Its implementation is in packages/archive, which this package does not know. */
import type { ExposureFinding } from "@sotto/protocol";

export type ExposureDetector = {
  /** Another number makes every message be looked at again. */
  readonly version: number;
  /** `around`: what was said just before and after in the conversation. */
  readonly inText: (text: string, around: string) => readonly ExposureFinding[];
  /** The beginning of a file, as many bytes as `headBytes` or all of it. */
  readonly inFile: (head: Uint8Array) => readonly ExposureFinding[];
  readonly headBytes: number;
  /** The name of a picture or document, and what is said around it. */
  readonly inFileName: (name: string, around: string) => readonly ExposureFinding[];
  /** A place that somebody shared. */
  readonly ofPlace: (latitude: number, longitude: number) => readonly ExposureFinding[];
};
