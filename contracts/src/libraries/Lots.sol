// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title How the lot on offer and its price move with time: one library for home sales, takes, and the vault's marks.
/// @notice Lots round down and prices round up, in the seller's favour. Times are Unix seconds.
library Lots {
    uint256 private constant BPS = 10_000;
    /// @notice How long a home sale's price rests at the floor before it starts to halve daily.
    uint256 internal constant REST = 1 days;
    uint256 private constant HALVING = 1 days;

    /// @notice The lot on offer: from `leastBps` of the full lot at `start`, linearly to all of it after `length`.
    /// @param full The full lot, collateral units.
    function rising(uint256 full, uint256 leastBps, uint256 start, uint256 length, uint256 at)
        internal
        pure
        returns (uint256)
    {
        if (at >= start + length) return full;
        return Math.mulDiv(full, leastBps * length + (BPS - leastBps) * (at - start), BPS * length);
    }

    /// @notice What a fill after the winner's exclusive right gets: from the winner's `ask` at `start`, linearly to
    /// `maxAsk` at `end`; rounded down. Collateral units.
    /// @dev `at` lies between `start` and `end`, and `end` after `start`: escrows check deadlines before.
    function risingAsk(uint256 ask, uint256 maxAsk, uint256 start, uint256 end, uint256 at)
        internal
        pure
        returns (uint256)
    {
        return ask + (maxAsk - ask) * (at - start) / (end - start);
    }

    /// @notice The price falling from `top` at `start`, linearly to `floor` after `length`, where it stays.
    function falling(uint256 top, uint256 floor, uint256 start, uint256 length, uint256 at)
        internal
        pure
        returns (uint256)
    {
        if (at <= start) return top;
        if (at >= start + length) return floor;
        return top - Math.mulDiv(top - floor, at - start, length);
    }

    /// @notice The price resting at `floor` until `restUntil`, then halving daily, linearly within each day.
    function resting(uint256 floor, uint256 restUntil, uint256 at) internal pure returns (uint256) {
        if (at <= restUntil) return floor;
        uint256 halvings = (at - restUntil) / HALVING;
        if (halvings >= 128) return 0; // floors are below 2^128
        uint256 price = Math.ceilDiv(floor, 1 << halvings);
        return price - Math.mulDiv(price / 2, (at - restUntil) % HALVING, HALVING);
    }

    /// @notice What a home sale offers now, and for how much. The lot rises for `length` at the price of the full debt,
    /// then the price of the full lot falls for `length`, rests a day, and halves daily.
    /// @param seized The full lot, collateral units.
    /// @param debt The full debt, debt units.
    /// @param floor The price the fall ends at, debt units.
    function sale(
        uint256 seized,
        uint256 debt,
        uint256 floor,
        uint256 leastBps,
        uint256 start,
        uint256 length,
        uint256 at
    ) internal pure returns (uint256 lot, uint256 price) {
        lot = rising(seized, leastBps, start, length, at);
        uint256 restUntil = restEnd(start, length);
        price = at <= restUntil ? falling(debt, floor, start + length, length, at) : resting(floor, restUntil, at);
    }

    /// @notice When a home sale's price starts to halve.
    function restEnd(uint256 start, uint256 length) internal pure returns (uint256) {
        return start + 2 * length + REST;
    }
}
