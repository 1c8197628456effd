// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {InvariantRun} from "./InvariantRun.sol";

/// @title Invariant runs that are one fuzz run each, which forge executes much faster than its own invariant campaign.
/// @notice `npm run invariants` executes millions of actions this way; the test suite executes a few runs.
contract InvariantRunsTest is InvariantRun {
    /// forge-config: default.fuzz.runs = 4
    /// forge-config: deep.fuzz.runs = 2000
    function testFuzz_InvariantRun(uint256 seed) public {
        uint256 steps = vm.envOr("INVARIANT_STEPS", uint256(128));
        uint256 word = seed;
        for (uint256 i; i < steps; ++i) {
            word = uint256(keccak256(abi.encode(word, i)));
            _step(word);
            if (i % 16 == 15) _check();
        }
        _end();
    }
}
