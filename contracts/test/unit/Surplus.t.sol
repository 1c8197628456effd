// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {Surplus} from "../../src/libraries/Surplus.sol";
import {EscrowState, PositionRecord} from "../../src/types/Types.sol";
import {Test} from "forge-std/Test.sol";

contract SurplusHarness {
    EscrowState private _state;

    function split(bytes32 key, address collateral, uint256 surplus, address treasury, uint16 borrowerBps) external {
        Surplus.split(_state, "market", key, collateral, surplus, treasury, borrowerBps);
    }

    function owed(bytes32 key, address collateral) external view returns (uint256) {
        return Surplus.owed(_state, key, collateral);
    }

    function take(bytes32 key, address collateral) external returns (uint256) {
        return Surplus.take(_state, key, collateral);
    }

    function setRound(bytes32 key, uint40 round, uint40 flaggedAt) external {
        (_state.positions[key].round, _state.positions[key].flaggedAt) = (round, flaggedAt);
    }

    function record(bytes32 key) external view returns (PositionRecord memory) {
        return _state.positions[key];
    }

    function credits(address token, address account) external view returns (uint256) {
        return _state.credits[token][account];
    }
}

contract SurplusTest is Test {
    bytes32 internal constant KEY = "position";
    address internal constant ONE = address(0x1111);
    address internal constant TWO = address(0x2222);
    address internal constant TREASURY = address(0x7);

    SurplusHarness internal harness = new SurplusHarness();

    function test_DustIsTheBorrowers() public {
        vm.expectEmit(address(harness));
        emit ICollateralEscrow.SurplusCredited(KEY, "market", ONE, 9, 1);
        harness.split(KEY, ONE, 10, TREASURY, 8001);
        assertEq(harness.owed(KEY, ONE), 9);
        assertEq(harness.credits(ONE, TREASURY), 1);
    }

    function test_NothingIsNoEvent() public {
        vm.recordLogs();
        harness.split(KEY, ONE, 0, TREASURY, 8000);
        assertEq(vm.getRecordedLogs().length, 0);
    }

    function test_LeavesTheRestOfTheRecord() public {
        harness.setRound(KEY, type(uint40).max, type(uint40).max - 1);
        harness.split(KEY, ONE, type(uint128).max, TREASURY, 10_000);
        assertEq(harness.record(KEY).round, type(uint40).max);
        assertEq(harness.record(KEY).flaggedAt, type(uint40).max - 1);
        assertEq(harness.take(KEY, ONE), type(uint128).max);
        assertEq(harness.record(KEY).round, type(uint40).max);
        assertEq(harness.record(KEY).flaggedAt, type(uint40).max - 1);
    }

    function test_BeyondARecord() public {
        harness.split(KEY, ONE, type(uint128).max, TREASURY, 10_000);
        harness.split(KEY, ONE, 5, TREASURY, 10_000);
        harness.split(KEY, ONE, type(uint128).max, TREASURY, 10_000);
        assertEq(harness.owed(KEY, ONE), 2 * uint256(type(uint128).max) + 5);
        assertEq(harness.take(KEY, ONE), 2 * uint256(type(uint128).max) + 5);
        assertEq(harness.owed(KEY, ONE), 0);
    }

    /// Any sequence over two collaterals of one position keeps two separate, exact accounts.
    function testFuzz_TwoCollaterals(uint136[12] memory amounts, uint256 choices, uint16 borrowerBps) public {
        borrowerBps = uint16(bound(borrowerBps, 0, 10_000));
        address[2] memory tokens = [ONE, TWO];
        uint256[2] memory expected;
        uint256[2] memory treasury;
        for (uint256 i; i < amounts.length; ++i) {
            uint256 which = choices >> i & 1;
            if (choices >> 128 >> i & 1 == 1) {
                assertEq(harness.take(KEY, tokens[which]), expected[which]);
                expected[which] = 0;
            }
            harness.split(KEY, tokens[which], amounts[i], TREASURY, borrowerBps);
            uint256 toTreasury = uint256(amounts[i]) * (10_000 - borrowerBps) / 10_000;
            expected[which] += amounts[i] - toTreasury;
            treasury[which] += toTreasury;
            for (uint256 j; j < 2; ++j) {
                assertEq(harness.owed(KEY, tokens[j]), expected[j]);
                assertEq(harness.credits(tokens[j], TREASURY), treasury[j]);
            }
        }
    }
}
