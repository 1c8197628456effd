// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../TestToken.sol";

/// @title A token whose issuer lists accounts that may neither send nor receive it, as USDC, USDT and cbBTC do.
/// @notice For local networks and tests only.
contract ListingToken is TestToken {
    /// @notice Whether an account is listed.
    mapping(address account => bool) public isListed;

    /// @notice Thrown when a listed account would send or receive.
    error Listed(address account);

    /// @param decimals_ Decimals of one whole token.
    /// @param owner_ The only account that can mint and list.
    constructor(uint8 decimals_, address owner_) TestToken("Listing", "LIST", decimals_, owner_) {}

    /// @notice Lists an account, or no longer. Owner only.
    function setListed(address account, bool listed) external onlyOwner {
        isListed[account] = listed;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (isListed[from]) revert Listed(from);
        if (isListed[to]) revert Listed(to);
        super._update(from, to, amount);
    }
}
