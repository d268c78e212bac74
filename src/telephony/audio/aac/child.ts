/**
 * The process in which AAC and ALAC are decoded. The decoder (`@audio/decode-aac`, FAAD2 compiled to WebAssembly) is under the GPL, so nothing of it is linked with
 * Carillon. It works on a thread of this process, so that the process itself always hears when its parent is gone. An entry point: forked by
 * `aac-process.ts`, never imported.
 */
import { Worker } from 'node:worker_threads';

const entry = new URL(import.meta.url.endsWith('.ts') ? './child-thread.ts' : './child-thread.js', import.meta.url);
const thread = new Worker(entry);
process.on('message', (request) => thread.postMessage(request));
thread.on('message', (reply) => process.send?.(reply));
thread.on('error', () => process.exit(1));
// A terminal's Ctrl-C reaches every process of the group; this one goes when its parent does.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
