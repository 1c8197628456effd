// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Lots} from "../../src/libraries/Lots.sol";
import {Test} from "forge-std/Test.sol";

contract LotsTest is Test {
    struct Sale {
        uint128 seized;
        uint128 debt;
        uint16 floorBps;
        uint16 leastBps;
        uint32 length;
    }

    uint256 internal constant START = 1_790_000_000;
    uint256 internal constant LENGTH = 600;
    uint256 internal constant REST_UNTIL = START + 2 * LENGTH + 1 days;

    function _sale(uint256 at) internal pure returns (uint256 lot, uint256 price) {
        return Lots.sale(1000 ether, 5002e6, 3501.4e6, 9000, START, LENGTH, at);
    }

    function _expect(uint256 at, uint256 lot, uint256 price) internal pure {
        (uint256 gotLot, uint256 gotPrice) = _sale(at);
        assertEq(gotLot, lot, "lot");
        assertEq(gotPrice, price, "price");
    }

    function test_Sale_ByTheClock() public pure {
        _expect(START, 900 ether, 5002e6);
        _expect(START + 300, 950 ether, 5002e6);
        _expect(START + 599, 999.833_333_333_333_333_333 ether, 5002e6);
        _expect(START + 600, 1000 ether, 5002e6);
        _expect(START + 900, 1000 ether, 4251.7e6);
        _expect(START + 1200, 1000 ether, 3501.4e6);
        _expect(REST_UNTIL, 1000 ether, 3501.4e6);
        _expect(REST_UNTIL + 12 hours, 1000 ether, 2626.05e6);
        _expect(REST_UNTIL + 1 days, 1000 ether, 1750.7e6);
        _expect(REST_UNTIL + 2 days, 1000 ether, 875.35e6);
        _expect(REST_UNTIL + 128 days, 1000 ether, 0);
    }

    function test_Rising_EverythingFromTheStart() public pure {
        assertEq(Lots.rising(7, 10_000, START, LENGTH, START), 7);
    }

    /// A buyer who waits never gets a smaller lot nor a higher price.
    function testFuzz_WaitingNeverCosts(Sale memory c, uint40 first, uint40 wait) public pure {
        c.floorBps = uint16(bound(c.floorBps, 0, 10_000));
        c.leastBps = uint16(bound(c.leastBps, 0, 10_000));
        c.length = uint32(bound(c.length, 1, type(uint32).max));
        uint256 floor = (uint256(c.debt) * c.floorBps + 9999) / 10_000;
        uint256 at = START + first;
        (uint256 lot, uint256 price) = Lots.sale(c.seized, c.debt, floor, c.leastBps, START, c.length, at);
        (uint256 later, uint256 cheaper) = Lots.sale(c.seized, c.debt, floor, c.leastBps, START, c.length, at + wait);
        assertGe(later, lot);
        assertLe(cheaper, price);
        assertLe(lot, c.seized);
        assertLe(price, c.debt);
        assertGe(lot, uint256(c.seized) * c.leastBps / 10_000);
        if (lot < c.seized) assertEq(price, c.debt, "a part of the lot is only ever sold for the whole debt");
        if (at <= Lots.restEnd(START, c.length)) assertGe(price, floor);
    }

    /// The vault marks unsold lots by the same curve.
    function testFuzz_AfterTheFallThePriceRests(uint128 debt, uint16 floorBps, uint40 since) public pure {
        floorBps = uint16(bound(floorBps, 0, 10_000));
        uint256 floor = (uint256(debt) * floorBps + 9999) / 10_000;
        uint256 at = START + 2 * LENGTH + since;
        (, uint256 price) = Lots.sale(1, debt, floor, 9000, START, LENGTH, at);
        assertEq(Lots.resting(floor, REST_UNTIL, at), price);
    }

    /// Against the same curve computed by hand, in seconds and thousandths.
    function testFuzz_RisingIsLinear(uint96 full, uint256 at) public pure {
        at = bound(at, START, START + LENGTH);
        uint256 thousandths = 900 * LENGTH + 100 * (at - START);
        assertEq(Lots.rising(full, 9000, START, LENGTH, at), uint256(full) * thousandths / (1000 * LENGTH));
    }
}
