// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Amounts} from "../../src/libraries/Amounts.sol";
import {Lots} from "../../src/libraries/Lots.sol";

/// @title The arithmetic of amounts and lots as calls, thousands at once, for a model in another language to compare
/// with.
contract AmountsHarness {
    /// @dev One sale of a lot, at one time.
    struct Sale {
        uint256 seized;
        uint256 debt;
        uint256 floor;
        uint256 leastBps;
        uint256 start;
        uint256 length;
        uint256 at;
    }

    /// @dev Amounts that derive from one another, as landings do it.
    struct Derived {
        uint256 amount;
        uint256 bps;
        uint256 ask;
        uint256 repay;
        uint256 repaid;
        uint256 seizable;
        uint8 from;
        uint8 to;
    }

    /// @dev One late fill.
    struct Late {
        uint256 repaid;
        uint256 seizable;
        uint256 fullRise;
        uint256 rise;
        uint256 bountyBps;
        uint256 bonusBps;
    }

    /// @return lots Collateral units on offer.
    /// @return prices Debt units asked.
    function sales(Sale[] calldata all) external pure returns (uint256[] memory lots, uint256[] memory prices) {
        (lots, prices) = (new uint256[](all.length), new uint256[](all.length));
        for (uint256 i; i < all.length; ++i) {
            Sale calldata it = all[i];
            (lots[i], prices[i]) = Lots.sale(it.seized, it.debt, it.floor, it.leastBps, it.start, it.length, it.at);
        }
    }

    /// @return results For each: part, part rounded up, scaled ask, scaled seizable amount, and the amount in other
    /// decimals.
    function derive(Derived[] calldata all) external pure returns (uint256[5][] memory results) {
        results = new uint256[5][](all.length);
        for (uint256 i; i < all.length; ++i) {
            Derived calldata it = all[i];
            results[i] = [
                Amounts.part(it.amount, it.bps),
                Amounts.partUp(it.amount, it.bps),
                Amounts.proRataAsk(it.ask, it.repaid, it.repay),
                Amounts.proRataSeizable(it.seizable, it.repaid, it.repay),
                Amounts.scaleUp(it.amount, it.from, it.to)
            ];
        }
    }

    /// @return full Late penalties at the highest ask, debt units.
    /// @return due Those at each fill's ask.
    function penalties(Late[] calldata all) external pure returns (uint256[] memory full, uint256[] memory due) {
        (full, due) = (new uint256[](all.length), new uint256[](all.length));
        for (uint256 i; i < all.length; ++i) {
            Late calldata it = all[i];
            full[i] = Amounts.latePenalty(it.repaid, it.seizable, it.fullRise, it.bountyBps, it.bonusBps);
            due[i] = Amounts.latePenaltyAt(full[i], Amounts.partUp(it.repaid, it.bountyBps), it.rise, it.fullRise);
        }
    }
}
