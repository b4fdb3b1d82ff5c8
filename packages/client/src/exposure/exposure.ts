/** The exposure report as an application sees it: `client.exposure`. Needs no account and no connection; nothing of it leaves the device. */
import type { Engine } from "../engine.ts";
import type { ExposureDetector } from "./detector.ts";
import { countExposures, type ExposureCount, type ExposureSelection, type ExposureView, listExposures } from "./exposure-report.ts";
import { ExposureScan, type ScanOptions } from "./exposure-scan.ts";

export class Exposure {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Looks at what was not looked at yet. False if it was cancelled: the next call goes on. */
  async scan(detector: ExposureDetector, options: ScanOptions = {}): Promise<boolean> {
    const scan = await ExposureScan.begin(this.#engine, detector);
    return scan.run(options);
  }

  count(selection: ExposureSelection): Promise<ExposureCount[]> {
    return countExposures(this.#engine.ports.store, selection);
  }

  list(selection: ExposureSelection): Promise<ExposureView[]> {
    return listExposures(this.#engine.ports.store, selection);
  }
}
