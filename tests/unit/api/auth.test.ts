/** Passwords, attempts and command memory on their own. */
import { describe, expect, test } from 'vitest';
import { Attempts } from '../../../api/auth/attempts.ts';
import { sessionCookie, sessionIdOf } from '../../../api/auth/cookies.ts';
import { generateKey, generatePassword, Passwords, STRONG } from '../../../api/auth/passwords.ts';
import { CommandMemory } from '../../../api/command-memory.ts';
import { DoorError } from '../../../api/errors.ts';
import { apiLimits } from '../../../engine/config/limits.ts';

const CHEAP = { N: 2 ** 10, r: 8, p: 1 };

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (error) {
    return error instanceof DoorError ? error.code : String(error);
  }
}

describe('passwords', () => {
  test('the strength of a deployment is what the guidance asks: N 2^17, r 8, p 1', () => {
    expect(STRONG).toEqual({ N: 131_072, r: 8, p: 1 });
  });

  test('are compared exactly, salted apart, with the parameters stored beside', async () => {
    const passwords = new Passwords(CHEAP);
    const [first, second] = await Promise.all([passwords.hash('密码 1'), passwords.hash('密码 1')]);
    expect(first).not.toBe(second);
    expect(first).toMatch(/^scrypt\$1024\$8\$1\$/);
    expect(await passwords.matches('密码 1', first)).toBe(true);
    expect(await passwords.matches('密码 1 ', first)).toBe(false);
    expect(await passwords.matches('密码 1', null)).toBe(false);
    const stronger = new Passwords({ N: 2 ** 11, r: 8, p: 1 });
    expect(await stronger.matches('密码 1', first)).toBe(true);
  });

  test('a flood waits in a bounded queue and the rest is refused', async () => {
    const passwords = new Passwords(CHEAP);
    const tries = Array.from({ length: 200 }, () => passwords.hash('x'));
    const outcomes = await Promise.allSettled(tries);
    const refused = outcomes.filter((one) => one.status === 'rejected');
    expect(refused.length).toBeGreaterThan(100);
    for (const { reason } of refused) expect((reason as DoorError).code).toBe('RATE_LIMITED');
    expect(await passwords.hash('x')).toMatch(/^scrypt/);
  });

  test('generated secrets do not repeat and can be typed', () => {
    const made = new Set(Array.from({ length: 200 }, generatePassword));
    expect(made.size).toBe(200);
    for (const password of made)
      expect(password).toMatch(/^([a-hj-km-np-z2-9]{4}-){4}[a-z2-9]{4}$/);
    expect(generateKey()).toMatch(/^mck_[\w-]{43}$/);
  });
});

describe('attempts', () => {
  const setUp = () => {
    const time = { nowMs: 0 };
    return { time, attempts: new Attempts({ nowMs: () => time.nowMs }) };
  };

  test('slide: the oldest failure falls out of the window first', () => {
    const { time, attempts } = setUp();
    for (let i = 0; i < 5; i++) {
      time.nowMs = i * 60_000;
      attempts.failed('a', 'x');
    }
    expect(codeOf(() => attempts.check('a', 'y'))).toBe('RATE_LIMITED');
    time.nowMs = apiLimits.failureWindowMs;
    expect(codeOf(() => attempts.check('a', 'y'))).toBe('none');
  });

  test('a stranger cannot keep out somebody who logged in from their own address before', () => {
    const { attempts } = setUp();
    attempts.succeeded('a', 'office');
    for (let i = 0; i < 20; i++) attempts.failed('a', 'stranger');
    expect(codeOf(() => attempts.check('a', 'stranger'))).toBe('RATE_LIMITED');
    expect(codeOf(() => attempts.check('a', 'office'))).toBe('none');
    for (let i = 0; i < 5; i++) attempts.failed('a', 'office');
    expect(codeOf(() => attempts.check('a', 'office'))).toBe('RATE_LIMITED');
  });

  test('a success forgets the failures of the account', () => {
    const { attempts } = setUp();
    for (let i = 0; i < 4; i++) attempts.failed('a', 'x');
    attempts.succeeded('a', 'x');
    for (let i = 0; i < 4; i++) attempts.failed('a', 'x');
    expect(codeOf(() => attempts.check('a', 'x'))).toBe('none');
  });

  test('memory is bounded', () => {
    const { attempts } = setUp();
    for (let i = 0; i < apiLimits.failureKeysMax + 10; i++) attempts.failed(`n${i}`, `a${i}`);
    for (let i = 0; i < 5; i++) attempts.failed('late', 'z');
    expect(codeOf(() => attempts.check('late', 'q'))).toBe('RATE_LIMITED');
  });
});

describe('cookies', () => {
  test('are read by their exact name, and by the host-bound one over https only', () => {
    const headers = { cookie: 'x_mingcha_session=no; mingcha_session=plain; other=1' };
    expect(sessionIdOf(headers, false)).toBe('plain');
    expect(sessionIdOf(headers, true)).toBe('');
    const [pair] = sessionCookie('id', true, 0).split(';');
    expect(sessionIdOf({ cookie: pair as string }, true)).toBe('id');
    expect(sessionIdOf({}, false)).toBe('');
  });
});

describe('command memory', () => {
  test('a failed act is forgotten, an answer is kept, other content is refused', async () => {
    const memory = new CommandMemory();
    let calls = 0;
    const act = async () => {
      calls++;
      if (calls === 1) throw new Error('sink is down');
      return calls;
    };
    await expect(memory.once('p', 'id', 'c', act)).rejects.toThrow('sink is down');
    expect(await memory.once('p', 'id', 'c', act)).toBe(2);
    expect(await memory.once('p', 'id', 'c', act)).toBe(2);
    expect(codeOf(() => memory.once('p', 'id', 'other', act))).toBe('COMMAND_REUSED');
    expect(await memory.once('q', 'id', 'other', act)).toBe(3);
  });

  test('memory is bounded: the oldest is forgotten', async () => {
    const memory = new CommandMemory();
    for (let i = 0; i <= apiLimits.commandsRememberedMax; i++) {
      await memory.once('p', String(i), 'c', async () => 'first');
    }
    expect(await memory.once('p', '0', 'c', async () => 'again')).toBe('again');
    expect(await memory.once('p', '1000', 'c', async () => 'again')).toBe('first');
  });
});
