/** The exposure report as an application sees it: `client.exposure`. Needs no account and no connection; nothing of it leaves the device. */
import { bytesToBase64url } from "@sotto/protocol";
import type { MediaFiles } from "../archive/media-files.ts";
import { MediaShelf } from "../archive/media-shelf.ts";
import { ClientError } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Store } from "../ports.ts";
import { bytesIn, numberIn, sql } from "../store/statements.ts";
import type { ExposureDetector } from "./detector.ts";
import { countExposures, type ExposureCount, type ExposureSelection, type ExposureView, listExposures } from "./exposure-report.ts";
import { ExposureScan, type ScanOptions } from "./exposure-scan.ts";
import { ExposureReminders } from "./exposure-reminders.ts";
import { FileHeads } from "./file-heads.ts";
import { carryOut, exposedMessage, removalOf } from "./removal.ts";
import { type LocationStripper, stripPlace } from "./strip.ts";

export class Exposure {
  readonly #engine: Engine;
  readonly #files: MediaFiles;

  constructor(engine: Engine, files: MediaFiles) {
    this.#engine = engine;
    this.#files = files;
  }

  get #store(): Store {
    return this.#engine.ports.store;
  }

  /** Looks at what was not looked at yet. False if it was cancelled: the next call goes on. */
  async scan(detector: ExposureDetector, options: ScanOptions = {}): Promise<boolean> {
    const shelf = new MediaShelf({ ...this.#engine.ports, files: this.#files });
    const scan = await ExposureScan.begin(this.#engine, { detector, heads: new FileHeads(shelf, detector.headBytes) });
    return scan.run(options);
  }

  count(selection: ExposureSelection): Promise<ExposureCount[]> {
    return countExposures(this.#store, selection);
  }

  list(selection: ExposureSelection): Promise<ExposureView[]> {
    return listExposures(this.#store, selection);
  }

  /**
   * Deletes what holds the finding from this device: the message, or the one file. Others keep theirs. Throws {@link ClientError}: `exposure_unknown`,
   * `message_on_its_way`.
   */
  async remove(id: number): Promise<void> {
    const { row, file } = await exposedMessage(this.#store, id);
    const removal = await removalOf(this.#store, row, file === undefined ? "all" : { file: bytesToBase64url(file) });
    await carryOut(this.#engine, row, { ...removal, shelf: this.#files });
  }

  /** Throws {@link ClientError}: `exposure_unknown`; `location_kept` if it is no file, or one that `strip` cannot change. */
  strip(id: number, strip: LocationStripper): Promise<void> {
    return stripPlace(this.#engine, id, { files: this.#files, strip });
  }

  /** It may stay: it is not told again. Throws {@link ClientError} `exposure_unknown`. */
  async keep(id: number): Promise<void> {
    const [row] = await this.#store.all("SELECT message, copy FROM exposure_findings WHERE id = ?", [id]);
    if (row === undefined) throw new ClientError("exposure_unknown");
    const add = "INSERT OR IGNORE INTO exposure_marks VALUES (?, ?, 'keep', ?)";
    await this.#store.write([sql(add, numberIn(row, "message"), bytesIn(row, "copy"), this.#engine.context.now)]);
  }

  /** Reminders to ask the other side to delete their copy. */
  get reminders(): ExposureReminders {
    return new ExposureReminders(this.#store);
  }
}
