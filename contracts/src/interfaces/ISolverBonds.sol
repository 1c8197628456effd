// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {QuoteStatus} from "../types/Types.sol";

/// @title Bonds of solvers, and the keys and payouts that may act for them.
interface ISolverBonds {
    function balanceOf(address account, address token) external view returns (uint256);
    function lockedOf(address account, address token) external view returns (uint256);
    function freeOf(address account, address token) external view returns (uint256);
    function quotableOf(address account, address token) external view returns (uint256);
    function isKey(address account, address key, uint64 quoteBy) external view returns (bool);
    function quoteStatus(address account, address key, address payout, uint64 epoch, uint64 quoteBy)
        external
        view
        returns (QuoteStatus);
    function isPayout(address account, address payout, uint64 quoteBy) external view returns (bool);
    function isLive(address account, uint64 epoch, uint64 quoteBy) external view returns (bool);
    function epochs(address account) external view returns (uint64);
    function suspendedUntil(address account) external view returns (uint64);
    function lock(address account, address token, uint256 amount) external;
    function unlock(address account, address token, uint256 amount) external;
    function forfeit(address account, address token, uint256 amount, address to) external;
    function fade(address account, address token, uint256 amount, address to) external returns (uint256 taken);
}
