// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Amounts} from "../../src/libraries/Amounts.sol";
import {Test} from "forge-std/Test.sol";

contract AmountsTest is Test {
    uint256 internal constant MAX = type(uint128).max;

    function test_Part_Examples() public pure {
        assertEq(Amounts.part(9999, 1), 0);
        assertEq(Amounts.partUp(9999, 1), 1);
        assertEq(Amounts.part(10_000, 1), 1);
        assertEq(Amounts.partUp(10_000, 1), 1);
        assertEq(Amounts.partUp(10_001, 1), 2);
        assertEq(Amounts.partUp(0, 10_000), 0);
    }

    function testFuzz_PartsSumToTheWhole(uint256 amount, uint256 bps) public pure {
        bps = bound(bps, 0, 10_000);
        assertEq(Amounts.part(amount, bps) + Amounts.partUp(amount, 10_000 - bps), amount);
        assertLe(Amounts.part(amount, bps), Amounts.partUp(amount, bps));
    }

    function test_ScaleUp_Examples() public pure {
        assertEq(Amounts.scaleUp(5004.5e6, 6, 18), 5004.5e18);
        assertEq(Amounts.scaleUp(5004.5e18, 18, 6), 5004.5e6);
        assertEq(Amounts.scaleUp(1, 18, 6), 1);
        assertEq(Amounts.scaleUp(1e12 + 1, 18, 6), 2);
        assertEq(Amounts.scaleUp(0, 18, 6), 0);
        assertEq(Amounts.scaleUp(7, 8, 8), 7);
    }

    /// Never underpays, and never overpays by a whole unit.
    function testFuzz_ScaleUp(uint256 amount, uint8 from, uint8 to) public pure {
        from = uint8(bound(from, 0, 36));
        to = uint8(bound(to, 0, 36));
        amount = bound(amount, 0, MAX);
        uint256 paid = Amounts.scaleUp(amount, from, to);
        if (to >= from) {
            assertEq(paid, amount * 10 ** (to - from));
        } else {
            uint256 unit = 10 ** (from - to);
            assertGe(paid * unit, amount);
            assertLt(paid * unit, amount + unit);
        }
    }

    function testFuzz_ScaleUp_ThereAndBackNeverLoses(uint256 amount, uint8 from, uint8 to) public pure {
        from = uint8(bound(from, 0, 36));
        to = uint8(bound(to, 0, 36));
        amount = bound(amount, 0, MAX);
        assertGe(Amounts.scaleUp(Amounts.scaleUp(amount, from, to), to, from), amount);
    }

    function testFuzz_ProRata(uint256 ask, uint256 repay, uint256 repaid, uint256 more) public pure {
        repay = bound(repay, 1, MAX);
        ask = bound(ask, 0, MAX);
        repaid = bound(repaid, 0, repay);
        more = bound(more, repaid, repay);
        uint256 scaled = Amounts.proRataAsk(ask, repaid, repay);
        assertLe(scaled, ask);
        assertLe(scaled, Amounts.proRataAsk(ask, more, repay), "monotone");
        assertEq(Amounts.proRataAsk(ask, repay, repay), ask);
        assertGe(scaled, Amounts.proRataSeizable(ask, repaid, repay), "the ask rounds for the solver");
        assertLe(scaled - Amounts.proRataSeizable(ask, repaid, repay), 1);
        assertGe(scaled * repay, ask * repaid);
    }

    /// Overtaking oneself never pays: the penalty is worth more than the rise at the protocol's own bonus.
    function testFuzz_LatePenalty(uint256 repaid, uint256 seizable, uint256 rise, uint256 bounty, uint256 bonus)
        public
        pure
    {
        repaid = bound(repaid, 1, type(uint96).max);
        seizable = bound(seizable, 1, type(uint96).max);
        rise = bound(rise, 0, seizable);
        bounty = bound(bounty, 0, 10_000);
        bonus = bound(bonus, 0, 10_000);
        uint256 penalty = Amounts.latePenalty(repaid, seizable, rise, bounty, bonus);
        assertGe(penalty, Amounts.partUp(repaid, bounty));
        uint256 beyond = penalty - Amounts.partUp(repaid, bounty);
        assertGe(beyond * seizable, rise * (repaid * (10_000 + bonus) / 10_000));
        if (rise != 0) {
            assertGe(penalty, Amounts.latePenalty(repaid, seizable, rise - 1, bounty, bonus), "monotone");
        }
    }

    function test_LatePenalty_Example() public pure {
        assertEq(Amounts.latePenalty(5000e6, 2.75 ether, 0.1225 ether, 50, 1000), 25e6 + 245e6);
        assertEq(Amounts.latePenalty(5000e6, 2.75 ether, 0, 50, 1000), 25e6);
    }

    function test_LatePenaltyAt() public pure {
        assertEq(Amounts.latePenaltyAt(270, 25, 0, 100), 25);
        assertEq(Amounts.latePenaltyAt(270, 25, 1, 100), 28, "2.45, rounded up");
        assertEq(Amounts.latePenaltyAt(270, 25, 50, 100), 148);
        assertEq(Amounts.latePenaltyAt(270, 25, 99, 100), 268);
        assertEq(Amounts.latePenaltyAt(270, 25, 100, 100), 270);
        assertEq(Amounts.latePenaltyAt(270, 25, 101, 100), 270);
        assertEq(Amounts.latePenaltyAt(25, 25, 0, 0), 25);
    }
}
