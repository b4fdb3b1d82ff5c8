/** Limits of what is taken in. What is over one is left out, and told in the loss report; the rest is imported. */
export const ARCHIVE_LIMITS = {
  /** Entries of one ZIP. Meta's largest known export has some 70,000. */
  zipEntriesMax: 2_000_000,
  /** Entries that are looked for in a ZIP without its directory. */
  zipSalvagedMax: 200_000,
  /** Inflated bytes for one byte of a ZIP entry, beyond the first MiB: real text stays under 20, nothing real over 200. */
  zipRatioMax: 200,
  zipRatioFreeBytes: 1024 * 1024,
  /** A file inside an export. */
  fileBytesMax: 64 * 1024 ** 3,
  pathCharactersMax: 1024,
  /** One record of a JSON file. */
  recordBytesMax: 8 * 1024 * 1024,
  jsonDepthMax: 64,
  /** A line of a text file: WhatsApp messages have at most 65,536 characters. */
  lineBytesMax: 1024 * 1024,
  /** Text of one message, in UTF-16 units. */
  textMax: 1024 * 1024,
  nameMax: 512,
  peopleMax: 10_000,
  mediaPerMessageMax: 1000,
  reactionsMax: 10_000,
  extraCharactersMax: 16 * 1024,
  mediaBytesMax: 2 * 1024 ** 3,
  /** Kinds of problem and places that a report lists; further ones are counted under their kind. */
  problemsMax: 2000,
  /** Records of a file beside the messages, such as a list of people. */
  sideRecordsMax: 1_000_000,
  /** Rows of one table of a database that are held at once. */
  databaseRowsHeldMax: 5_000_000,
  headBytes: 64 * 1024,
} as const;
