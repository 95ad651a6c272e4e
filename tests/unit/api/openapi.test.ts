/** The OpenAPI page: whole, without dangling references, made of the schemas that validate. */
import { describe, expect, test } from 'vitest';
import { routeTable } from '../../../api/app.ts';
import { SCHEMAS } from '../../../api/contract.ts';
import { openapiOf } from '../../../api/openapi.ts';

const table = routeTable('1.2.3');
const page = JSON.parse(JSON.stringify(openapiOf(table, '1.2.3'))) as Page;

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: object };
  readonly responses: Readonly<Record<string, { description: string; content?: object }>>;
  readonly security: readonly object[];
}

interface Page {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: object };
}

const operations = Object.entries(page.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' ? [String(inner)] : references(inner),
  );
}

function resolve(pointer: string): unknown {
  const steps = pointer.replace('#/', '').split('/');
  return steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)?.[step], page);
}

describe('the page', () => {
  test('is OpenAPI 3.1 of the running version', () => {
    expect([page.openapi, page.info.version]).toEqual(['3.1.0', '1.2.3']);
  });

  test('describes every route of the table, and no other', () => {
    const described = operations.map(({ path, method }) => `${method} ${path}`);
    const served = table.map(({ path, method }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
    expect(described.sort()).toEqual(served.sort());
  });

  test('every reference resolves', () => {
    const all = references(page);
    expect(all.length).toBeGreaterThan(50);
    for (const pointer of all) expect(resolve(pointer), pointer).toBeTypeOf('object');
  });

  test('every schema of the contract is used', () => {
    const used = new Set(references(page).map((pointer) => pointer.split('/').at(-1)));
    // Frames of the socket have no place in OpenAPI; they are listed for clients that generate code.
    const socketOnly = ['LiveSummary', 'LiveCard', 'LiveNotice', 'ResumeRequest'];
    const queries = [
      'CardsQuery',
      'CardsExportQuery',
      'CaseQuery',
      'NoticeQuery',
      'DeadLettersQuery',
    ];
    const unused = SCHEMAS.map(({ name }) => name).filter((name) => !used.has(name));
    expect(unused.sort()).toEqual([...socketOnly, ...queries].sort());
  });

  test('operation ids are unique; path parameters are declared; every answer has words', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((row) => row.in === 'path');
      expect(declared.map((row) => row.name)).toEqual(inPath);
      expect(operation.security.length).toBeGreaterThan(0);
      for (const reply of Object.values(operation.responses))
        expect(reply.description).not.toBe('');
    }
  });

  test('objects are closed: what is not described is not accepted', () => {
    for (const { name, schema } of SCHEMAS) {
      if (schema.type !== 'object') continue;
      expect([name, schema.additionalProperties]).toEqual([name, false]);
    }
  });
});
