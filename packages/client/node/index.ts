/** The engine's adapters for Node.js: encrypted store, WebSockets, clock and randomness. */
export { fileSink, fileSource } from "./files.ts";
export { createHttp } from "./http.ts";
export { openMediaFiles } from "./media-files.ts";
export { nodePorts } from "./ports.ts";
export { openStore, type StoreLock } from "./store.ts";
export { stretcher } from "./stretch.ts";
export { createTransport } from "./transport.ts";
