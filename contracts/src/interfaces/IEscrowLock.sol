// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title The lock that vault, bonds and escrow share: held by the escrow during every call that moves money.
interface IEscrowLock {
    /// @notice Whether a landing, settling, sale or fallback is under way in this very transaction.
    function locked() external view returns (bool);
}
