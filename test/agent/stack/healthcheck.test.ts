import { expect, it } from 'vitest';
import { healthcheck } from '../../../agent/stack/healthcheck.ts';

const test = ['CMD', 'ask'];

it('asks every second until it is healthy and rarely after that, where the engine can', () => {
  const check = healthcheck(test, { hasStartInterval: true, isAwaited: false });
  expect(check).toMatchObject({ start_interval: '1s', interval: '30s' });
});

it('asks often what others wait for on an older engine, which refuses a start interval, and the rest rarely', () => {
  const awaited = healthcheck(test, { hasStartInterval: false, isAwaited: true });
  const other = healthcheck(test, { hasStartInterval: false, isAwaited: false, startSeconds: 180 });
  expect(awaited).toMatchObject({ interval: '4s' });
  expect(other).toMatchObject({ interval: '30s', start_period: '180s' });
  expect([awaited, other].some((check) => 'start_interval' in check)).toBe(false);
});
