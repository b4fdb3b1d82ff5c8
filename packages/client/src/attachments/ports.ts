/**
 * What attachments need from the world: files to read, files to write, and HTTP to one server. Adapters for Node.js are in `node/`; a browser
 * brings files that the person chose and `fetch`.
 *
 * Files are never held whole: reading and writing goes in pieces, and each piece is waited for. What goes wrong is thrown as a ClientError:
 * `file_unknown`, `file_unreadable`, `file_unsupported`, `file_exists`, `file_unwritable`, `store_disk_full`.
 */

/** A file to send. */
export interface FileSource {
  /** What finds the same file again, such as its full path. It stays in the encrypted store. */
  readonly place: string;
  open(): Promise<OpenSource>;
}

export interface OpenSource {
  /** Bytes at the time of opening. */
  readonly size: number;
  /** Becomes another text when the file is written to: time of change, length, identity on the disk. */
  version(): Promise<string>;
  /** Reads at `offset` into `piece`; gives how many bytes, 0 at the end of the file. */
  read(piece: Uint8Array, offset: number): Promise<number>;
  close(): Promise<void>;
}

/** Where a file is saved. */
export interface FileSink {
  /** What stands under the final name and must not be overwritten; undefined if nothing does. */
  present(): Promise<OpenSource | undefined>;
  /** Opens what is kept aside under this id, or begins. It is nowhere to be seen under the final name. */
  open(id: string): Promise<OpenSink>;
}

export interface OpenSink {
  /** Bytes that an interrupted saving left. */
  readonly held: number;
  read(piece: Uint8Array, offset: number): Promise<number>;
  write(bytes: Uint8Array, offset: number): Promise<void>;
  /** Cuts what is kept aside to `size` bytes. */
  truncate(size: number): Promise<void>;
  /** Makes it durable and gives it the final name, in one step. Throws `file_exists` if somebody took the name meanwhile. */
  commit(): Promise<void>;
  /** Lets go. Without `commit` the bytes stay aside for the next time. */
  close(): Promise<void>;
}

export type HttpRequest = {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Its length in bytes, and the pieces, each taken when the network has room for it. */
  readonly length: number;
  readonly body: Iterable<Uint8Array>;
};

export type HttpAnswer = {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  /** Throws if the connection breaks. Not reading it holds the server back. */
  readonly body: AsyncIterable<Uint8Array>;
};

export type HttpExchange = {
  /** Rejects if there is no answer. */
  readonly answer: Promise<HttpAnswer>;
  /** Ends it at once: what is waited for rejects. */
  readonly abort: () => void;
};

/** Requests to the server of the profile, without cookies, and without following where an answer points to. */
export interface HttpPort {
  send(request: HttpRequest): HttpExchange;
}

/** What is used of an AbortSignal. */
export type Cancellation = {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
};
