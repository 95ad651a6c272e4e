/**
 * Many walls at once, with intake beside them: socket.io spoken over plain websockets. Measures how
 * old a picture is when it arrives, and that no numbered card change is missing.
 *
 * A hundred sockets share one virtual user: one each would cost three times the memory.
 */
import { Counter, Rate, Trend } from 'k6/metrics';
import { WebSocket } from 'k6/websockets';
import { post } from './events.js';

const SOCKETS_PER_USER = 100;
const OPEN = 1;

const address = (__ENV.MINGCHA_URL || 'http://127.0.0.1:8848').replace(/^http/, 'ws');
const token = __ENV.MINGCHA_WALL_TOKEN || '';
const sockets = Number(__ENV.MINGCHA_SOCKETS || 200);
const rate = Number(__ENV.MINGCHA_RATE || 5);
const seconds = Number((__ENV.MINGCHA_DURATION || '20s').replace(/s$/, ''));
const users = Math.ceil(sockets / SOCKETS_PER_USER);

const frameAge = new Trend('wall_frame_age', true);
const greetTime = new Trend('wall_greet_time', true);
const frames = new Counter('wall_frames');
const cards = new Counter('wall_cards');
const gaps = new Counter('wall_gaps');
const lost = new Counter('wall_closed_early');
const greeted = new Rate('wall_greeted');

const scenarios = {
  walls: {
    executor: 'per-vu-iterations',
    exec: 'walls',
    vus: users,
    iterations: 1,
    maxDuration: `${seconds + 60}s`,
  },
};
if (rate > 0) {
  scenarios.ingest = {
    executor: 'constant-arrival-rate',
    exec: 'ingest',
    rate,
    timeUnit: '1s',
    duration: `${seconds}s`,
    preAllocatedVUs: 16,
    maxVUs: 32,
  };
}

export const options = {
  scenarios,
  thresholds: {
    wall_frame_age: ['p(99)<1000'],
    wall_greeted: ['rate>0.99'],
    wall_gaps: ['count==0'],
    wall_closed_early: ['count==0'],
    wall_frames: ['count>0'],
    http_req_failed: ['rate<0.01'],
  },
};

/** A number out of JSON text: parsing forty kilobytes for one field would measure the load tool. */
function field(text, name) {
  const at = text.indexOf(`"${name}":`);
  return at < 0
    ? Number.NaN
    : Number.parseInt(text.slice(at + name.length + 3, at + name.length + 20), 10);
}

class Wall {
  constructor() {
    this.beganMs = Date.now();
    this.lastSeq = -1;
    this.ending = false;
    this.socket = new WebSocket(`${address}/socket.io/?EIO=4&transport=websocket`);
    this.socket.onmessage = (event) => this.hear(event.data);
    this.socket.onclose = () => this.closed();
    this.socket.onerror = () => {};
  }

  send(text) {
    if (this.socket.readyState === OPEN) this.socket.send(text);
  }

  hear(packet) {
    if (packet[0] === '0') this.send(`40${JSON.stringify({ token })}`);
    else if (packet === '2') this.send('3');
    else if (packet.startsWith('44')) greeted.add(false);
    else if (packet.startsWith('42["snapshot"')) this.greet(packet);
    else if (packet.startsWith('42["frame"')) {
      frames.add(1);
      frameAge.add(Date.now() - field(packet, 'asOfMs'));
    } else if (packet.startsWith('42["card"')) this.card(field(packet, 'seq'));
  }

  greet(packet) {
    if (this.lastSeq < 0) {
      greeted.add(true);
      greetTime.add(Date.now() - this.beganMs);
    }
    this.lastSeq = field(packet, 'seq');
  }

  card(seq) {
    cards.add(1);
    if (seq !== this.lastSeq + 1) gaps.add(1);
    this.lastSeq = seq;
  }

  closed() {
    if (this.ending) return;
    this.ending = true;
    lost.add(1);
    if (this.lastSeq < 0) greeted.add(false);
  }

  end() {
    if (this.ending) return;
    this.ending = true;
    if (this.lastSeq < 0) greeted.add(false);
    this.socket.close();
  }
}

export function walls() {
  const first = (__VU - 1) % users;
  const mine = Math.min(SOCKETS_PER_USER, sockets - first * SOCKETS_PER_USER);
  const open = [];
  for (let i = 0; i < mine; i++) open.push(new Wall());
  setTimeout(() => {
    for (const wall of open) wall.end();
  }, seconds * 1000);
}

export function ingest() {
  post();
}
