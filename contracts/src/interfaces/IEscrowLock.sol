// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title The lock that vault, bonds and escrow share: held by the escrow during every call that moves money.
interface IEscrowLock {
    /// @notice Whether a landing, settlement, sale or fallback is under way in the current transaction.
    function locked() external view returns (bool);
}
