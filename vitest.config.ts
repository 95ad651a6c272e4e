/**
 * Tests by folder. Each file gets a process of its own (pool `forks`, isolated): the embedded
 * ClickHouse allows one data folder a process, and a crash test may end its process.
 *
 * The files run as Node runs them in production, by type stripping and not through a bundler, so
 * that what is tested is what is shipped, worker threads included.
 */
import { defineConfig } from 'vitest/config';

const GROUPS = [
  'tidy',
  'unit',
  'contract',
  'property',
  'golden',
  'simulation',
  'integration',
  'browser',
] as const;

const project = (name: string) => ({
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    environment: 'node',
    pool: 'forks' as const,
    isolate: true,
    setupFiles: ['tests/fixtures/property.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    experimental: { viteModuleRunner: false },
  },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    // A flaky test is a broken test: it is mended, not repeated.
    retry: 0,
    passWithNoTests: false,
    projects: GROUPS.map(project),
  },
});
