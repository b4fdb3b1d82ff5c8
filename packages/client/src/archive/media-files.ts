/**
 * Where encrypted files lie beside the store: a port. Names are random and tell nothing; all that is in a file is ciphertext.
 *
 *   create   opens a new file for writing; nothing is seen under its name before `finish`
 *   finish   the file is whole and on the disk
 */
export interface MediaFileWriter {
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  abandon(): Promise<void>;
}

export interface MediaFiles {
  create(name: string): Promise<MediaFileWriter>;
  /** Undefined if there is no such file. */
  read(name: string): AsyncIterable<Uint8Array> | undefined;
  list(): Promise<readonly string[]>;
  remove(name: string): Promise<void>;
}
