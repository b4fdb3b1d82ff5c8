/** The cryptographic provider for Node.js, for the adapters of packages/client, which see this package and not packages/mls. */
export { createNodeProvider, createVerifyPool, type VerifyPoolOptions } from "@sotto/mls/node";
