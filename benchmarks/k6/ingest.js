/**
 * Intake under load: batches of events at a fixed rate, whatever the server does. A rate that is not
 * kept shows as dropped iterations, not as a gentler test.
 */
import { post } from './events.js';

const rate = Number(__ENV.MINGCHA_RATE || 10);

export const options = {
  scenarios: {
    ingest: {
      executor: 'constant-arrival-rate',
      rate,
      timeUnit: '1s',
      duration: __ENV.MINGCHA_DURATION || '20s',
      preAllocatedVUs: Math.min(64, Math.max(8, rate)),
      maxVUs: 64,
    },
  },
  thresholds: {
    http_req_failed: ['rate<0.01'],
    http_req_duration: ['p(99)<1000'],
    events_refused: ['count==0'],
    events_accepted: ['count>0'],
    dropped_iterations: ['count==0'],
  },
};

export default function ingest() {
  post();
}
