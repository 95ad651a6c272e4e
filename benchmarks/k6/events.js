/**
 * What a department's own system would send: new cases and the next event of cases already begun, in
 * NDJSON batches. Shared by the two scripts; runs inside k6, so no Node modules.
 */
import { check } from 'k6';
import http from 'k6/http';
import { Counter } from 'k6/metrics';

const STEPS = ['received', 'accepted', 'decided', 'finished'];
const OPEN_MAX = 2000;

const address = __ENV.MINGCHA_URL || 'http://127.0.0.1:8848';
const key = __ENV.MINGCHA_KEY || '';
/** Items to choose from: `[{ code, version, organ, territory }]`. */
const items = JSON.parse(__ENV.MINGCHA_ITEMS || '[]');
/** The engine's time: where it stood when the run began, and how fast it goes. */
const engineMs = Number(__ENV.MINGCHA_ENGINE_MS || 0);
const startedMs = Number(__ENV.MINGCHA_STARTED_MS || 0);
const speed = Number(__ENV.MINGCHA_SPEED || 1);
const rows = Number(__ENV.MINGCHA_ROWS || 200);

export const accepted = new Counter('events_accepted');
export const refused = new Counter('events_refused');
export const held = new Counter('events_held');

/** Open cases of this virtual user; each VU has its own copy of the module. */
const open = [];
let made = 0;
let told = false;

/** A second in the past, so that no event lies in the engine's future. */
function nowText() {
  const passedMs = (Date.now() - startedMs) * speed;
  const at = engineMs > 0 ? engineMs + passedMs - 1000 * speed : Date.now() - 1000;
  return new Date(at).toISOString();
}

function begin() {
  const item = items[made % items.length];
  made++;
  return { key: `K6-${startedMs.toString(36)}-${__VU}-${made}`, item, step: 0 };
}

function line(one, at) {
  return JSON.stringify({
    caseKey: one.key,
    type: STEPS[one.step],
    at,
    itemCode: one.item.code,
    itemVersion: one.item.version,
    organ: one.item.organ,
    territory: one.item.territory,
    actor: `k6-${__VU}`,
    document: one.step === 0 ? undefined : `K6[${made}]`,
  });
}

/** Every other row begins a case, the others carry an old one on. */
function batch() {
  const at = nowText();
  const lines = [];
  for (let i = 0; i < rows; i++) {
    const old = i % 2 === 1 ? open.shift() : undefined;
    const one = old === undefined ? begin() : old;
    lines.push(line(one, at));
    one.step++;
    if (one.step < STEPS.length && open.length < OPEN_MAX) open.push(one);
  }
  return `${lines.join('\n')}\n`;
}

/** Sends one batch and counts what became of each row. */
export function post() {
  if (items.length === 0) throw new Error('MINGCHA_ITEMS names no item; use npm run load');
  const response = http.post(`${address}/api/v1/events`, batch(), {
    headers: { 'Content-Type': 'application/x-ndjson', Authorization: `Bearer ${key}` },
    tags: { name: 'events' },
  });
  const ok = check(response, { 'batch taken': (r) => r.status === 202 || r.status === 207 });
  if (!ok) {
    refused.add(rows);
    return;
  }
  const result = response.json();
  accepted.add(result.accepted);
  refused.add(result.refused);
  held.add(result.held);
  if (result.refused > 0 && !told) tell(result.rows);
}

/** The first refusal of each user in words: a count alone does not help. */
function tell(results) {
  told = true;
  const { row, error } = results.find(({ outcome }) => outcome === 'refused');
  console.error(`row ${row} refused: ${error.code} ${error.messageEn}`);
}
