// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MoodyToken} from "./MockTokens.sol";

/// @notice A mock token of the old kind, whose transfers return nothing, and which can still refuse recipients.
contract QuietMoodyToken is MoodyToken(18) {
    function transfer(address to, uint256 amount) public override returns (bool) {
        if (!super.transfer(to, amount)) return false;
        assembly ("memory-safe") {
            return(0, 0)
        }
    }
}
