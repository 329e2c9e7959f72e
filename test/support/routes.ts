import { z } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import type { Mount } from '../../worker/app.ts';
import type { AppEnv } from '../../worker/http/variables.ts';

export type RegisteredRoute = {
  method: string;
  /** `GET /platform/projects/:ref` */
  name: string;
  /** its path with these parameters, and something harmless for every other one */
  url(parameters: Record<string, string>): string;
};

/** Every route of the app that is no middleware, once. */
export function registeredRoutes(app: Hono<AppEnv>): RegisteredRoute[] {
  const found = new Map<string, RegisteredRoute>();
  for (const { method, path } of app.routes) {
    if (method === 'ALL') continue;
    const plain = path.replaceAll(/\{(\w+)\}/g, ':$1');
    found.set(`${method} ${plain}`, {
      method,
      name: `${method} ${plain}`,
      url: (parameters) => plain.replaceAll(/:(\w+)(\{[^}]*\})?/g, (_, name: string) => parameters[name] ?? '1'),
    });
  }
  return [...found.values()];
}

export type DescribedRoute = RegisteredRoute & {
  /** whether the body's schema refuses this value for that field; undefined: the field is left out */
  refuses(field: string, value: unknown): boolean;
  bodyFields: string[];
  queryFields: string[];
};

/** Every route with its schemas' fields, as the routers describe themselves. */
export function describedRoutes(mounts: Mount[]): DescribedRoute[] {
  return mounts.flatMap(({ path: prefix, router }) =>
    router.openAPIRegistry.definitions.flatMap((definition) => {
      if (definition.type !== 'route') return [];
      const { method, path, request } = definition.route;
      const plain = `${prefix === '/' ? '' : prefix}${path}`;
      const media = request?.body?.content?.['application/json'];
      const body = media !== undefined && 'schema' in media ? media.schema : undefined;
      return [
        {
          method: method.toUpperCase(),
          name: `${method.toUpperCase()} ${plain}`,
          url: (parameters: Record<string, string>) =>
            plain.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? '1'),
          bodyFields: fieldsOf(body),
          refuses: (field: string, value: unknown) => refusesField(body, field, value),
          queryFields: fieldsOf(request?.query),
        },
      ];
    }),
  );
}

function fieldsOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function refusesField(schema: unknown, field: string, value: unknown): boolean {
  if (!(schema instanceof z.ZodObject)) return false;
  const type: unknown = schema.shape[field];
  return type instanceof z.ZodType && !type.safeParse(value).success;
}
