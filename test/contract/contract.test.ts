import { expect, test } from 'vitest';
import { contractMissing, loadContract } from '../support/contract.ts';

test.skipIf(contractMissing !== null)(`the contract tells right from wrong ${contractMissing ?? ''}`, () => {
  const contract = loadContract();
  const path = '/platform/projects/{ref}/billing/addons';
  contract.expectConforms('GET', path, 200, { ref: 'x', selected_addons: [], available_addons: [] });
  expect(() => contract.expectConforms('GET', path, 200, { ref: 'x', selected_addons: [] })).toThrow(
    'available_addons',
  );
  expect(() => contract.expectConforms('GET', path, 200, [])).toThrow('must be object');
  expect(() => contract.expectConforms('GET', path, 418, {})).toThrow('the contract knows');
  expect(() => contract.expectConforms('GET', '/platform/nothing', 200, {})).toThrow('not in the contract');
  expect(contract.priorities('P0')).toHaveLength(21);
  expect(contract.priorities('BOOT set')).toHaveLength(29);
});
