import { expect, test } from 'vitest';
import { imageFor } from '../images/scratch.ts';
import { describeWithDocker, requiredEngine, stateOf } from './engine.ts';
import { mayStartEngine, startOwnEngine } from './own-engine.ts';

describeWithDocker('an engine that a test may kill', () => {
  const engine = requiredEngine();

  test('its containers outlive it, and it knows them again when it is back', async (context) => {
    if (!(await mayStartEngine())) return context.skip('this takes root, dockerd, iptables and iproute2');
    const image = imageFor(engine, 'postgrest/postgrest');
    const own = await startOwnEngine({
      from: engine,
      images: [image],
      addressPool: '10.219.80.0/24',
      liveRestore: true,
    });
    try {
      await own.engine.run(['network', 'create', '--subnet', '10.219.80.0/26', 'own-net']);
      const place = ['--name', 'one', '--network', 'own-net', '--ip', '10.219.80.2'];
      await own.engine.run(['run', '--detach', ...place, image, 'sleep', '600']);
      const processId = () => own.engine.run(['inspect', '--format', '{{.State.Pid}}', 'one']);
      const before = await processId();
      await own.kill();
      await expect(own.engine.run(['version'])).rejects.toThrow();
      await own.start();
      expect((await stateOf(own.engine, 'one')).status).toBe('running');
      expect(await processId()).toBe(before);
    } finally {
      await own.remove();
    }
    // the engine beside it has lost nothing
    expect(await engine.run(['run', '--rm', image, 'echo', 'unharmed'])).toBe('unharmed\n');
  });
});
