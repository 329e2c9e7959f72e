import { describe, expect, test } from 'vitest';
import { composeReason } from '../../../../agent/runtime/compose/compose-reason.ts';

describe('what Compose wrote becomes one sentence for people', () => {
  const cases: [string, string][] = [
    [
      "Error response from daemon: pull access denied for supabase/gotrue, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
      'The image supabase/gotrue cannot be pulled: there is no such image, or the registry wants a login',
    ],
    [
      'Error response from daemon: manifest for supabase/gotrue:v9 not found: manifest unknown: manifest unknown',
      'The image supabase/gotrue:v9 cannot be pulled: the registry has no such image',
    ],
    [
      'Error response from daemon: Get "https://registry.example.com/v2/": dial tcp: lookup registry.example.com: no such host',
      'An image cannot be pulled from https://registry.example.com: its name is not known here',
    ],
    [
      'Error response from daemon: driver failed programming external connectivity on endpoint x: Bind for 0.0.0.0:8000 failed: port is already allocated',
      'Something else listens at 0.0.0.0:8000 already',
    ],
    [
      'failed to register layer: write /usr/bin/x: no space left on device',
      "The host's disk is full: free some space in Docker's data directory",
    ],
    [
      'failed to create network supafleet-x_default: Error response from daemon: Pool overlaps with other one on this address space',
      "The project's network overlaps with another one of this machine; give the agent another address pool (settings.json, addressPool; Pool overlaps with other one on this address space)",
    ],
    [
      'dependency failed to start: container supafleet-aaaaaaaaaaaaaaaaaaaa-db-1 is unhealthy',
      'The db container did not get healthy',
    ],
    [
      'container supafleet-aaaaaaaaaaaaaaaaaaaa-auth-1 exited (1)',
      'The auth container ended right after its start (code 1)',
    ],
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'The Docker engine does not answer',
    ],
    [
      "docker: 'compose' is not a docker command.",
      'Docker Compose v2 is not installed on this host, or too old (2.20 or newer is needed)',
    ],
    ['', 'Docker Compose failed and did not say why'],
    [
      'service "x" refers to undefined network y: invalid compose project',
      'Docker Compose failed: service "x" refers to undefined network y: invalid compose project',
    ],
  ];
  test.each(cases)('%s', (said, reason) => {
    expect(composeReason(said)).toBe(reason);
  });

  test('the error counts, not the warnings around it', () => {
    const said = [
      'time="2026-11-21T10:00:00Z" level=warning msg="a network is unused"',
      ' auth Pulling ',
      ' auth Error manifest for supabase/gotrue:v9 not found: manifest unknown',
      'Error response from daemon: manifest for supabase/gotrue:v9 not found: manifest unknown',
    ].join('\n');
    expect(composeReason(said)).toContain('The image supabase/gotrue:v9 cannot be pulled');
  });

  test('an image is named where Compose names its service only', () => {
    const said = [
      ' auth Pulling ',
      ' db Pulling ',
      ' auth Error Get "https://registry.example.com/v2/": dial tcp: lookup registry.example.com: no such host',
      ' db  Interrupted',
      'Error response from daemon: Get "https://registry.example.com/v2/": dial tcp: lookup registry.example.com: no such host',
    ].join('\n');
    expect(composeReason(said, { auth: 'supabase/gotrue:v9', db: 'x' })).toBe(
      'The image supabase/gotrue:v9 cannot be pulled from https://registry.example.com: its name is not known here',
    );
  });

  test('a container that ended is told, not the steps on the way', () => {
    const said = [
      ' Container supafleet-x-db-1  Started',
      ' Container supafleet-x-auth-1  Error',
      'dependency failed to start: container supafleet-x-auth-1 exited (1)',
    ].join('\n');
    expect(composeReason(said)).toBe('The auth container ended right after its start (code 1)');
  });

  test('a login in an address does not get out', () => {
    expect(composeReason('failed to dial postgres://user:hunter2@db:5432/x: refused')).not.toContain('hunter2');
  });

  test('a flood of output stays one short sentence', () => {
    expect(composeReason(`error ${'x'.repeat(100_000)}`).length).toBeLessThanOrEqual(500);
  });
});
