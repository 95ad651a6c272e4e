/**
 * Loaded before anything else (`node --import`): puts the simulator's doors in the place of `node:fs` and
 * `node:sqlite` for the two files that touch the disk, and plants one mutant when it is asked for.
 *
 * Production code is not changed for either: the doors and the mutants live here only.
 *
 * MINGCHA_DOORS=simulated   the doors;   MINGCHA_MUTANT=<id>   the mutant of mutants.ts.
 */
import { registerHooks } from 'node:module';
import { mutantOf, mutated } from './mutants.ts';

const DISK_USERS = ['/engine/runtime/checkpoint.ts'];
const LOG_USERS = ['/engine/log/sqlite-log.ts'];

const simulated = process.env.MINGCHA_DOORS === 'simulated';
const asked = process.env.MINGCHA_MUTANT;
const mutant = asked === undefined || asked === '' ? null : mutantOf(asked);

function doorFor(specifier: string, parent: string): string | null {
  if (!simulated) return null;
  const isUser = (list: readonly string[]): boolean => list.some((end) => parent.endsWith(end));
  if (specifier === 'node:fs' && isUser(DISK_USERS)) return './doors/disk.ts';
  return specifier === 'node:sqlite' && isUser(LOG_USERS) ? './doors/sqlite.ts' : null;
}

registerHooks({
  resolve(specifier, context, next) {
    const door = doorFor(specifier, context.parentURL ?? '');
    return door === null
      ? next(specifier, context)
      : { url: new URL(door, import.meta.url).href, shortCircuit: true };
  },
  load(url, context, next) {
    const loaded = next(url, context);
    if (mutant === null) return loaded;
    const edits = mutant.edits.filter(({ file }) => url.endsWith(`/${file}`));
    if (edits.length === 0) return loaded;
    return { ...loaded, source: mutated(String(loaded.source), edits) };
  },
});
