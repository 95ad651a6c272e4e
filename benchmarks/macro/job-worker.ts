/** One partition in a thread of its own; says `ready`, waits for its file, answers the outcome. */
import { parentPort } from 'node:worker_threads';
import { JobEngine } from './job-engine.ts';

const port = parentPort;
if (port === null) throw new Error('job-worker.ts runs as a worker thread only');
const engine = new JobEngine();
port.once('message', (path: string) => {
  port.postMessage(engine.run(path));
});
port.postMessage('ready');
