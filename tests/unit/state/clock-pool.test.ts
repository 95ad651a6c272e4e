/** Every field of a slot alone, beside the others and beside other slots (engine/state/clock-pool.ts). */
import { describe, expect, test } from 'vitest';
import { Prng } from '../../../engine/base/prng.ts';
import { CaseTable } from '../../../engine/state/case-table.ts';
import * as C from '../../../engine/state/clock-pool.ts';

type Field = 'target' | 'state' | 'rung' | 'late' | 'limit' | 'occurrence' | 'measure';
type Slot = Record<Field, number> & { readonly def: number; readonly stage: number };

const FIELDS: Record<Field, (random: Prng) => number> = {
  target: (random) => random.pick([0, -3, 15_000, 1.5e12, -1.5e12, Number.NEGATIVE_INFINITY]),
  state: (random) => random.int(0, 7),
  rung: (random) => random.int(0, C.RUNGS_MAX),
  late: (random) => random.int(0, 1),
  limit: (random) => random.pick([0, 1, 255, 256, C.LIMIT_MAX]),
  occurrence: (random) => random.pick([0, 1, 15, 16, 255, 256, C.OCCURRENCES_MAX - 1]),
  measure: (random) => random.int(0, 15),
};
const NAMES = Object.keys(FIELDS) as Field[];

function write(pool: C.ClockPool, at: number, field: Field, value: number): void {
  if (field === 'target') pool.setTarget(at, value);
  else if (field === 'state') pool.setState(at, value);
  else if (field === 'rung') pool.setRung(at, value);
  else if (field === 'late') pool.setLate(at, value === 1);
  else if (field === 'limit') pool.setLimit(at, value);
  else if (field === 'occurrence') pool.setOccurrence(at, value);
  else pool.setMeasure(at, value);
}

function read(pool: C.ClockPool, at: number): Slot {
  return {
    def: pool.def(at),
    stage: pool.stage(at),
    target: pool.target(at),
    state: pool.state(at),
    rung: pool.rung(at),
    late: Number(pool.late(at)),
    limit: pool.limit(at),
    occurrence: pool.occurrence(at),
    measure: pool.measure(at),
  };
}

const EMPTY = { target: 0, state: 0, rung: 0, late: 0, limit: 0, occurrence: 0, measure: 0 };

describe('slots', () => {
  test('keep every field apart from every other, in any number, over many cases', () => {
    const random = new Prng(11);
    const table = new CaseTable();
    const pool = new C.ClockPool(table);
    const model: Slot[][] = Array.from({ length: 20 }, () => []);
    for (let row = 0; row < model.length; row++) table.add();
    for (let step = 0; step < 5000; step++) {
      const row = random.int(0, model.length - 1);
      const own = model[row] as Slot[];
      if (random.chance(0.1) && own.length < 40) {
        const def = own.length;
        const stage = random.pick([0, 1, 0xffffe, C.NO_STAGE]);
        expect(pool.add(row, def, stage)).toBeGreaterThan(0);
        own.push({ def, stage, ...EMPTY });
      } else if (random.chance(0.005)) {
        pool.clear(row);
        own.length = 0;
      } else if (own.length > 0) {
        const k = random.int(0, own.length - 1);
        const field = random.pick(NAMES);
        const value = FIELDS[field](random);
        write(pool, pool.at(row, k), field, value);
        (own[k] as Slot)[field] = value;
      }
    }
    for (const [row, own] of model.entries()) {
      expect(pool.count(row)).toBe(own.length);
      expect(own.map((_, k) => read(pool, pool.at(row, k)))).toEqual(own);
      for (const [k, slot] of own.entries()) {
        expect(pool.find(row, slot.def, slot.stage)).toBe(pool.at(row, k));
      }
      expect(pool.find(row, 63, 5)).toBe(-1);
    }
  });

  test('end at their limit and say so', () => {
    const table = new CaseTable();
    const pool = new C.ClockPool(table);
    const row = table.add();
    for (let k = 0; k < C.CLOCKS_MAX; k++) expect(pool.add(row, k, C.NO_STAGE)).toBeGreaterThan(0);
    expect(pool.add(row, 64, C.NO_STAGE)).toBe(-1);
    expect(pool.makeNote(row, 3, C.NO_STAGE)).toBe(-1);
    expect(pool.count(row)).toBe(C.CLOCKS_MAX);
  });
});

describe('a note', () => {
  test('is found beside its clock only, begins empty and stays what it is', () => {
    const table = new CaseTable();
    const pool = new C.ClockPool(table);
    const row = table.add();
    pool.add(row, 2, 7);
    pool.setState(pool.at(row, 0), C.CLOCK_RUNNING);
    expect(pool.note(row, 2, 7)).toBe(-1);
    const note = pool.makeNote(row, 2, 7);
    expect(pool.target(note)).toBe(Number.NEGATIVE_INFINITY);
    pool.setTarget(note, 5);
    expect(pool.makeNote(row, 2, 7)).toBe(note);
    expect([pool.note(row, 2, 8), pool.note(row, 3, 7)]).toEqual([-1, -1]);
    expect(pool.target(note)).toBe(5);
    expect(read(pool, pool.at(row, 0))).toMatchObject({ def: 2, state: C.CLOCK_RUNNING });
    expect(pool.find(row, 2, 7)).toBe(pool.at(row, 0));
  });
});

describe('notes', () => {
  test('that say nothing are let go of, and nothing else of the case changes', () => {
    const random = new Prng(5);
    const table = new CaseTable();
    const pool = new C.ClockPool(table);
    for (let row = 0; row < 200; row++) {
      table.add();
      const told: Slot[] = [];
      for (let def = 0; def < 6; def++) {
        const at = pool.add(row, def, C.NO_STAGE);
        for (const field of NAMES) write(pool, at, field, FIELDS[field](random));
        if (random.chance(0.5)) pool.makeNote(row, def, C.NO_STAGE);
        if (random.chance(0.3)) {
          const field = random.pick(['target', 'limit', 'occurrence', 'rung'] as const);
          write(pool, pool.makeNote(row, def, C.NO_STAGE), field, 7);
        }
      }
      for (let k = 0; k < pool.count(row); k++) {
        const slot = read(pool, pool.at(row, k));
        const known = told.find((one) => one.def === slot.def % 128);
        const says =
          slot.target === 7 || slot.limit === 7 || slot.occurrence === 7 || slot.rung === 7;
        if (known === undefined || says) told.push(slot);
      }
      pool.dropIdleNotes(row);
      const left = Array.from({ length: pool.count(row) }, (_, k) => read(pool, pool.at(row, k)));
      expect(left).toEqual(told);
    }
  });

  test('take no room once they are gone', () => {
    const table = new CaseTable();
    const pool = new C.ClockPool(table);
    for (let row = 0; row < 100; row++) {
      table.add();
      for (let def = 0; def < 4; def++) pool.add(row, def, C.NO_STAGE);
      for (let def = 0; def < 4; def++) pool.makeNote(row, def, C.NO_STAGE);
      pool.dropIdleNotes(row);
    }
    // The rest is what one case grew through: blocks of one to eight slots but four.
    expect(pool.byteLength).toBeLessThan(100 * 4 * C.SLOT_BYTES + 40 * C.SLOT_BYTES);
  });
});
