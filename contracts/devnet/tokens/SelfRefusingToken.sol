// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../TestToken.sol";

/// @title A token that its own contract cannot receive, as LINK.
/// @notice For local networks and tests only.
contract SelfRefusingToken is TestToken {
    /// @notice Thrown when the token itself would receive.
    error RefusesItself();

    /// @param decimals_ Decimals of one whole token.
    /// @param owner_ The only account that can mint.
    constructor(uint8 decimals_, address owner_) TestToken("Self-refusing", "SELF", decimals_, owner_) {}

    function _update(address from, address to, uint256 amount) internal override {
        if (to == address(this)) revert RefusesItself();
        super._update(from, to, amount);
    }
}
