/** OpenAPI 3.1 from the route table and the contract's schemas: what validates is what is described. */
import { CSRF_HEADER, type Named } from './contract.ts';
import { allows } from './policy/policy.ts';
import type { Route } from './route.ts';
import { COMPONENTS } from './validate.ts';

type Json = Readonly<Record<string, unknown>>;

export function openapiOf(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([A-Za-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: '明察 Mingcha',
      version,
      summary: '行政审批电子监察 / Electronic supervision of government approvals',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: COMPONENTS,
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'mingcha_session' },
        csrf: { type: 'apiKey', in: 'header', name: CSRF_HEADER },
        key: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

function operationOf(route: Route): Json {
  const { method, path, action, summary, query, body, replies } = route;
  const parameters = [...pathParameters(path), ...(query ? queryParameters(query) : [])];
  return {
    operationId: `${method}:${path}`.replace(/[^A-Za-z]+/g, '_').replace(/_$/, ''),
    summary,
    'x-action': action,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined ? {} : { requestBody: requestBodyOf(body) }),
    responses: Object.fromEntries(
      Object.entries(replies).map(([status, shape]) => [status, responseOf(status, shape)]),
    ),
    security: securityOf(route),
  };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/:([A-Za-z]+)/g)].map(([, name]) => {
    return { name, in: 'path', required: true, schema: { type: 'string' } };
  });
}

/** Lists are one parameter with commas, which OpenAPI calls style form without explode. */
function queryParameters(query: Named<unknown>): Json[] {
  const properties = (query.schema.properties ?? {}) as Readonly<Record<string, Json>>;
  return Object.entries(properties).map(([name, schema]) => {
    return { name, in: 'query', required: false, style: 'form', explode: false, schema };
  });
}

function requestBodyOf(body: Named<unknown> | 'raw'): Json {
  if (body !== 'raw') return { required: true, content: jsonOf(body) };
  const record = { $ref: '#/components/schemas/EventRecord' };
  return {
    required: true,
    description: '一行一条记录，可用 gzip / one record a line, gzip accepted',
    content: {
      'application/json': { schema: record },
      'application/x-ndjson': { schema: { type: 'string' }, 'x-line-schema': record },
    },
  };
}

function responseOf(status: string, shape: Named<unknown> | string | null): Json {
  const description = Number(status) < 400 ? 'OK' : 'Error';
  if (shape === null) return { description };
  if (typeof shape !== 'string') return { description, content: jsonOf(shape) };
  return { description, content: { [shape]: { schema: { type: 'string' } } } };
}

function jsonOf(named: Named<unknown>): Json {
  return { 'application/json': { schema: named.ref } };
}

function securityOf({ action, method, withoutCsrf }: Route): Json[] {
  if (allows('anonymous', action)) return [{}];
  const cookie = method === 'get' || withoutCsrf ? { session: [] } : { session: [], csrf: [] };
  const byKey = allows('source', action) || allows('operator', action) || allows('wall', action);
  const byCookie = allows('bureau', action) || allows('department', action);
  const person = byCookie || allows('operator', action);
  return [...(person ? [cookie] : []), ...(byKey ? [{ key: [] }] : [])];
}
