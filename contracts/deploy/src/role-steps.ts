import { type Abi, type Address, decodeFunctionResult, encodeFunctionData } from 'viem';
import { type Artifact, type Artifacts, functionOf, link } from './artifacts.ts';
import { at, type Placed } from './placement.ts';
import { type Setting, setting } from './step.ts';
import type { Config } from './types.ts';

/** Assign functions to roles, then hand everything over; the deployer's own power goes last. */
export async function roleSettings(
  placed: Placed,
  config: Config,
  artifacts: Artifacts,
  manager: Artifact,
): Promise<Setting[]> {
  const table = await artifacts.load('RoleTable');
  const data = encodeFunctionData({ abi: ROLE_TABLE, functionName: 'permissions' });
  const rows = decodeFunctionResult({
    abi: ROLE_TABLE,
    functionName: 'permissions',
    data: await placed.chain.callCode(link(table, {}), data),
  });
  const address = at(placed, 'AccessManager');
  const on = (
    what: string,
    view: string,
    key: readonly unknown[],
    setter: string,
    args: readonly unknown[],
    matches: (answer: unknown) => boolean,
  ) => setting({ what, address, abi: manager.abi, view, key, setter, args, matches });

  const { admin, guardian } = placed.chain.config;
  const settings: Setting[] = [];
  for (const { target, selector, role } of rows) {
    const artifact = await artifacts.load(target);
    for (const [label, contract] of Object.entries(placed.contracts)) {
      if (label !== target && !label.startsWith(`${target} `)) continue;
      settings.push(
        on(
          `${functionOf(artifact, selector)} of ${label} is ${ROLE_NAMES[Number(role)] ?? role}'s`,
          'getTargetFunctionRole',
          [contract, selector],
          'setTargetFunctionRole',
          [contract, [selector], role],
          (answer) => answer === role,
        ),
      );
    }
  }
  const granted = (delay: number) => (answer: unknown) =>
    Array.isArray(answer) && answer[0] === true && Number(answer[1]) === delay;
  const grant = (role: bigint, account: Address, delay: number) =>
    on(
      `${ROLE_NAMES[Number(role)]} to ${account}, delay ${delay} s`,
      'hasRole',
      [role, account],
      'grantRole',
      [role, account, delay],
      granted(delay),
    );
  settings.push(
    on(
      'guardian of RULES',
      'getRoleGuardian',
      [RULES],
      'setRoleGuardian',
      [RULES, GUARDIAN],
      (got) => got === GUARDIAN,
    ),
    grant(RULES, admin.address, config.delay),
    grant(GUARDIAN, guardian.address, 0),
    grant(ADMIN, admin.address, config.delay),
  );
  const { deployer } = config;
  if (admin.address !== deployer) {
    const gone = (answer: unknown) => Array.isArray(answer) && answer[0] === false;
    const renounce = on(
      'deployer gives ADMIN up',
      'hasRole',
      [ADMIN, deployer],
      'renounceRole',
      [ADMIN, deployer],
      gone,
    );
    settings.push({ ...renounce, guarded: false });
  }
  return settings;
}

const [ADMIN, RULES, GUARDIAN] = [0n, 1n, 2n];
const ROLE_NAMES = ['ADMIN', 'RULES', 'GUARDIAN'];

/** The one list of who may call what is Solidity's: src/access/Roles.sol. */
const ROLE_TABLE = [
  {
    type: 'function',
    name: 'permissions',
    stateMutability: 'pure',
    inputs: [],
    outputs: [
      {
        type: 'tuple[]',
        components: [
          { name: 'target', type: 'string' },
          { name: 'selector', type: 'bytes4' },
          { name: 'role', type: 'uint64' },
        ],
      },
    ],
  },
] as const satisfies Abi;
