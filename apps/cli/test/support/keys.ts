/** What opens the profiles of tests: deriving it from a passphrase takes long on purpose. */
export const TEST_KEY = new Uint8Array(32).fill(5);
