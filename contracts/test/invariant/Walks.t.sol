// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Walker} from "./Walker.sol";

/// @title The same walks as the invariants', each within one call of forge, which is much faster than forge's own campaign.
/// @notice `npm run walks` counts them into the millions; here, a few.
contract WalksTest is Walker {
    /// forge-config: default.fuzz.runs = 4
    /// forge-config: deep.fuzz.runs = 2000
    function testFuzz_Walk(uint256 seed) public {
        uint256 steps = vm.envOr("WALK_STEPS", uint256(128));
        uint256 word = seed;
        for (uint256 i; i < steps; ++i) {
            word = uint256(keccak256(abi.encode(word, i)));
            _step(word);
            if (i % 16 == 15) _check();
        }
        _end();
    }
}
