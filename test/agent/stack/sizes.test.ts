import { describe, expect, it } from 'vitest';
import { connectionLimits, limits, postgresSettings, sharedMemoryMiB } from '../../../agent/stack/sizes.ts';
import { instanceCompute, instanceSizes } from '../../../schema/instance-sizes.ts';
import { stackServices } from '../../../schema/stack-profiles.ts';

const mib = (setting: string | undefined) => Number(/^(\d+)MB$/.exec(setting ?? '')?.[1]);

describe.each(instanceSizes)('size %s', (size) => {
  const { memoryMiB, cpus } = instanceCompute[size];
  const { maxConnections } = connectionLimits[size];
  const settings = postgresSettings(size);

  it('lets no container take more processors than it has, nor the database more memory', () => {
    for (const service of stackServices) expect(limits(size, service).cpus).toBeLessThanOrEqual(cpus);
    expect(limits(size, 'db').memoryMiB).toBe(memoryMiB);
  });

  it('leaves Postgres room beside its buffers, with every connection at work', () => {
    const work = (Number.parseInt(settings.work_mem ?? '', 10) * maxConnections) / 1024;
    expect(mib(settings.shared_buffers) + work).toBeLessThan(memoryMiB);
    expect(mib(settings.shared_buffers)).toBeLessThan(memoryMiB / 2);
    expect(sharedMemoryMiB(size)).toBeLessThan(memoryMiB);
  });
});

it('grows: a larger size never has less memory for the database than micro, small, medium and so on before it', () => {
  const ordered = ['pico', 'nano', 'micro', 'small', 'medium', 'large', 'xlarge', '2xlarge', '4xlarge'] as const;
  const memory = ordered.map((size) => limits(size, 'db').memoryMiB);
  expect(memory).toEqual([...memory].sort((left, right) => left - right));
  expect(limits('nano', 'db').memoryMiB).toBe(512);
  expect(limits('micro', 'db').memoryMiB).toBe(1024);
});

it('asks a small machine for no more buffers than it has memory for', () => {
  expect(postgresSettings('16xlarge', 2048)).toMatchObject({ shared_buffers: '512MB', effective_cache_size: '1536MB' });
  expect(postgresSettings('micro', 65_536)).toEqual(postgresSettings('micro'));
});
