// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Amounts derived from an intent, a quote and a route; every rounding named.
library Amounts {
    using SafeCast for uint256;

    uint256 internal constant BPS = 10_000;

    /// @notice Part of an amount, rounded down.
    function part(uint256 amount, uint256 bps) internal pure returns (uint256) {
        return Math.mulDiv(amount, bps, BPS);
    }

    /// @notice Part of an amount, rounded up.
    function partUp(uint256 amount, uint256 bps) internal pure returns (uint256) {
        return Math.mulDiv(amount, bps, BPS, Math.Rounding.Ceil);
    }

    /// @notice An ask for `repay`, scaled to what was `repaid`; rounded up, for the solver.
    function proRataAsk(uint256 ask, uint256 repaid, uint256 repay) internal pure returns (uint256) {
        return Math.mulDiv(ask, repaid, repay, Math.Rounding.Ceil);
    }

    /// @notice The seizable amount for `repay`, scaled to what was `repaid`; rounded down.
    function proRataSeizable(uint256 seizable, uint256 repaid, uint256 repay) internal pure returns (uint256) {
        return Math.mulDiv(seizable, repaid, repay);
    }

    /// @notice Converts between token decimals; rounded up, for the vault.
    function scaleUp(uint256 amount, uint8 from, uint8 to) internal pure returns (uint256) {
        return to >= from ? amount * 10 ** (to - from) : Math.ceilDiv(amount, 10 ** (from - to));
    }

    /// @notice What a late fill forfeits at most: the bounty, and the value of the ask's whole rise.
    /// @param repaid Debt units.
    /// @param seizable Collateral units the repaid debt may seize.
    /// @param rise Collateral units between the winner's and the highest ask.
    /// @param bountyBps Fixed bounty, part of `repaid`.
    /// @param bonusBps The most the protocol's bonus can be.
    function latePenalty(uint256 repaid, uint256 seizable, uint256 rise, uint256 bountyBps, uint256 bonusBps)
        internal
        pure
        returns (uint256)
    {
        uint256 worth = Math.mulDiv(repaid, BPS + bonusBps, BPS, Math.Rounding.Ceil);
        return partUp(repaid, bountyBps) + Math.mulDiv(rise, worth, seizable, Math.Rounding.Ceil);
    }

    /// @notice What a fill at `ask` forfeits: the bounty, and its part of the ask's whole rise; rounded up.
    /// @param full The late penalty at the highest ask, debt units.
    /// @param bounty The fixed bounty in it, debt units.
    /// @param rise Collateral units between the winner's and the fill's ask.
    /// @param fullRise Collateral units between the winner's and the highest ask.
    function latePenaltyAt(uint256 full, uint256 bounty, uint256 rise, uint256 fullRise)
        internal
        pure
        returns (uint256)
    {
        if (rise >= fullRise) return full;
        return bounty + Math.mulDiv(full - bounty, rise, fullRise, Math.Rounding.Ceil);
    }
}
