/** What the worker tells its page. */
import type { Run } from "../run.ts";

export type FromWorker =
  | { readonly kind: "progress"; readonly progress: string }
  | { readonly kind: "done"; readonly run: Run }
  | { readonly kind: "failed"; readonly why: string };
