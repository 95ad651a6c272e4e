/**
 * Item catalogue → columns. See ItemTable in program.ts for the shapes.
 *
 * Errors name the item and what is wrong; the shell's loader has checked form before, this checks what
 * the kernel's arrays cannot hold (more than 32 materials or special procedures).
 */
import type { Dictionary } from '../events/dictionary.ts';
import { SPECIAL_PROCEDURES } from '../events/event.ts';
import type { ItemTable } from './program.ts';
import { UNITS } from './program.ts';
import type { ItemSource, LimitUnit } from './source.ts';

export const MATERIALS_MAX = 32;

export function unitIndex(unit: LimitUnit): number {
  const index = UNITS.indexOf(unit);
  if (index < 0) throw new Error(`未知时限单位 (unknown limit unit) ${unit}`);
  return index;
}

/** A clock may ask for a trait: as many as a mask has bits. */
const TRAITS_MAX = 31;

/** Bits of the traits a pack speaks of, in the order of their names. */
export class Traits {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = [...new Set(names)].sort();
    if (this.#names.length > TRAITS_MAX) {
      throw new Error(`事项特征超过 ${TRAITS_MAX} 种 (too many item traits)`);
    }
  }

  mask(names: readonly (string | undefined)[]): number {
    let mask = 0;
    for (const name of names) if (name !== undefined) mask |= 1 << this.#names.indexOf(name);
    return mask;
  }
}

export function compileItems(
  items: readonly ItemSource[],
  traits: Traits,
  dictionary: Dictionary,
): ItemTable {
  const count = items.length;
  const codes = Int32Array.from(items, (item) => dictionary.internText(item.code));
  const stages = items.flatMap((item) => item.stages);
  const materials = items.flatMap((item) => item.materials);
  const stageFirst = firsts(items.map((item) => item.stages.length));
  return {
    count,
    ...linkVersions(items, codes),
    version: Int32Array.from(items, (item) => item.version),
    kind: Uint8Array.from(items, (item) => (item.kind === 'instant' ? 0 : 1)),
    promisedCount: Int32Array.from(items, (item) => item.promised.count),
    promisedUnit: Uint8Array.from(items, (item) => unitIndex(item.promised.unit)),
    statutoryCount: Int32Array.from(items, (item) => item.statutory.count),
    statutoryUnit: Uint8Array.from(items, (item) => unitIndex(item.statutory.unit)),
    extensionMax: Int32Array.from(items, (item) => item.extensionMax),
    feeFen: Float64Array.from(items, (item) => item.feeFen),
    specialMask: Int32Array.from(items, specialMaskOf),
    requiredMask: Uint32Array.from(items, requiredMaskOf),
    traitMask: Int32Array.from(items, (item) => traits.mask(item.traits ?? [])),
    organ: Int32Array.from(items, (item) => dictionary.internText(item.organ)),
    stageFirst,
    asideFirst: Int32Array.from(items, ({ stages: own }, i) => {
      const aside = own.findIndex((stage) => stage.aside === true);
      return stageFirst[i]! + (aside < 0 ? own.length : aside);
    }),
    stageCode: Int32Array.from(stages, (stage) => dictionary.internText(stage.code)),
    stageLimit: Int32Array.from(stages, (stage) => stage.limit?.count ?? 0),
    stageUnit: Uint8Array.from(stages, (stage) => unitIndex(stage.limit?.unit ?? 'workday')),
    materialFirst: firsts(items.map((item) => item.materials.length)),
    materialCode: Int32Array.from(materials, (one) => dictionary.internText(one.code)),
  };
}

/** Chains the versions of each code, newest first. */
function linkVersions(
  items: readonly ItemSource[],
  codes: Int32Array,
): { byCode: Int32Array; older: Int32Array } {
  let top = 0;
  for (const code of codes) top = Math.max(top, code);
  const byCode = new Int32Array(top + 1).fill(-1);
  const older = new Int32Array(items.length).fill(-1);
  const order = items.map((_, i) => i).sort((a, b) => items[a]!.version - items[b]!.version);
  for (const i of order) {
    const code = codes[i]!;
    older[i] = byCode[code]!;
    byCode[code] = i;
  }
  return { byCode, older };
}

function firsts(lengths: readonly number[]): Int32Array {
  const out = new Int32Array(lengths.length + 1);
  lengths.forEach((length, i) => {
    out[i + 1] = out[i]! + length;
  });
  return out;
}

function specialMaskOf(item: ItemSource): number {
  let mask = 0;
  for (const special of item.specials) {
    const index = (SPECIAL_PROCEDURES as readonly string[]).indexOf(special);
    if (index < 0) {
      throw new Error(`事项 ${item.code}: 未知特别程序 (unknown special procedure) ${special}`);
    }
    mask |= 1 << index;
  }
  return mask;
}

function requiredMaskOf(item: ItemSource): number {
  if (item.materials.length > MATERIALS_MAX) {
    throw new Error(`事项 ${item.code}: 材料超过 ${MATERIALS_MAX} 项 (too many materials)`);
  }
  let mask = 0;
  item.materials.forEach((material, i) => {
    if (material.required) mask |= 1 << i;
  });
  return mask >>> 0;
}
