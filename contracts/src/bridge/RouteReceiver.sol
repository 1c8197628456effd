// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BackstopVault} from "../BackstopVault.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Where one route's bridge delivers on the home chain: a route each, so arrivals are told apart.
/// @notice Forwards to the vault what the vault awaits from this route and no more, so a donation counts for nothing:
/// at most it arrives in place of the bridge's money, which then stays here until the route owes again.
contract RouteReceiver {
    using SafeERC20 for IERC20;

    BackstopVault public immutable vault;
    uint32 public immutable payDomain;

    error NothingToForward(uint256 balance, uint256 awaited);

    /// @param payDomain_ Hyperlane's domain of the pay chain whose bridge delivers here.
    constructor(BackstopVault vault_, uint32 payDomain_) {
        vault = vault_;
        payDomain = payDomain_;
    }

    /// @notice Forwards what has arrived. Anyone.
    /// @return amount Asset units forwarded.
    function forward() external returns (uint256 amount) {
        IERC20 token = IERC20(vault.asset());
        uint256 balance = token.balanceOf(address(this));
        uint256 awaited = vault.awaited(payDomain);
        amount = Math.min(balance, awaited);
        if (amount == 0) revert NothingToForward(balance, awaited);
        token.forceApprove(address(vault), amount);
        vault.bringHome(payDomain, amount);
    }
}
