// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Fill, Intent, Order} from "../../src/types/Types.sol";
import {Encodings} from "../base/Encodings.sol";
import {GavelTest} from "../base/GavelTest.sol";

/// @title Gas of whole transactions of the core, with a mock lending protocol and real Mailboxes.
/// @notice Every call is a transaction of its own (isolation): base cost, calldata and cold storage count. Accounts
/// that are paid hold something already, an order is open already, and the Mailboxes have carried messages before. The
/// security module is a mock: add its cost.
/// forge-config: default.isolate = true
contract CoreGas is GavelTest {
    function setUp() public override {
        super.setUp();
        (bytes32 id, Order memory order) = _openOne(home, pay, "before", 2.6 ether);
        Fill memory facts = _fillByWinner(pay, order);
        _deliver(_report(pay, _one(facts)));
        _answer(home, pay, id);
        pay.repayment.release(facts);
        home.dollar.mint(address(home.adapter.LENDER()), 1);
        home.dollar.mint(address(this), 1);
        pay.dollar.mint(address(pay.repayment), 1); // as while any other payment waits
        _openOne(home, pay, "open", 2.6 ether);
        for (uint256 i; i < 16; ++i) {
            home.mailbox.dispatch{value: MESSAGE_FEE}(PAY_DOMAIN, bytes32(0), "", "");
            pay.mailbox.dispatch{value: MESSAGE_FEE}(HOME_DOMAIN, bytes32(0), "", "");
        }
    }

    function _measured(string memory name) internal {
        cheats.snapshotGasLastCall("core", name);
    }

    function test_LandLocal() public {
        Intent memory intent = _intent(home, _underwater(home, "one"));
        home.collateral.land(_landingOf(home, intent, alice, 2.6 ether, HOME_DOMAIN));
        _measured("land, local");
    }

    function test_LandRemote() public {
        Intent memory intent = _intent(home, _underwater(home, "one"));
        home.collateral.land(_landingOf(home, intent, alice, 2.6 ether, PAY_DOMAIN));
        _measured("land, remote");
    }

    function test_LandThird() public {
        Intent memory intent = _intent(home, _underwater(home, "one"));
        vm.prank(alice.account);
        home.dollar.approve(address(home.collateral), 0);
        vm.prank(bob.account);
        home.dollar.approve(address(home.collateral), 0);
        home.collateral
            .land(
                _landingOfThree(
                    home, intent, [uint256(2.5 ether), 2.6 ether, 2.7 ether], [HOME_DOMAIN, HOME_DOMAIN, HOME_DOMAIN]
                )
            );
        _measured("land, local, third of three after two faults");
    }

    function test_Fill() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        vm.prank(alice.account);
        pay.repayment.fill(id, Encodings.bill(order), abi.encode(alice.payout, uint128(0)));
        _measured("fill");
    }

    /// @dev Opens and fills this many orders.
    function _filled(uint256 count) internal returns (Fill[] memory fills, bytes32[] memory ids) {
        fills = new Fill[](count);
        ids = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            Order memory order;
            (ids[i], order) = _openOne(home, pay, bytes32(i + 1), 2.6 ether);
            fills[i] = _fillByWinner(pay, order);
        }
    }

    function _reportMeasured(Fill[] memory fills) internal returns (bytes memory message) {
        bytes memory payments = Encodings.payments(fills);
        vm.recordLogs();
        pay.repayment.report{value: MESSAGE_FEE}(HOME_DOMAIN, address(home.collateral), payments);
        _measured(string.concat("report, ", _count(fills.length)));
        return _dispatched()[0];
    }

    function _count(uint256 count) internal pure returns (string memory) {
        return string.concat(count < 10 ? "0" : "", vm.toString(count));
    }

    function _life(uint256 count) internal {
        (Fill[] memory fills, bytes32[] memory ids) = _filled(count);
        bytes memory message = _reportMeasured(fills);
        home.mailbox.process("", message);
        _measured(string.concat("process report, ", _count(count)));
        vm.recordLogs();
        home.collateral.sendVerdicts{value: MESSAGE_FEE}(PAY_DOMAIN, address(pay.repayment), ids);
        _measured(string.concat("sendVerdicts, ", _count(count)));
        message = _dispatched()[0];
        pay.mailbox.process("", message);
        _measured(string.concat("process verdicts, ", _count(count)));
        if (count != 1) return;
        pay.repayment.release(fills[0]);
        _measured("release");
    }

    function test_Life_Of1() public {
        _life(1);
    }

    function test_Life_Of2() public {
        _life(2);
    }

    function test_Life_Of10() public {
        _life(10);
    }

    function test_Life_Of50() public {
        _life(50);
    }

    function test_Handle() public {
        (Fill[] memory fills,) = _filled(10);
        bytes32 sender = bytes32(uint256(uint160(address(pay.repayment))));
        bytes memory one = Encodings.reportBody(_one(fills[0]), keeper);
        Fill[] memory rest = new Fill[](9);
        for (uint256 i; i < 9; ++i) {
            rest[i] = fills[i + 1];
        }
        vm.prank(address(home.mailbox));
        home.collateral.handle(PAY_DOMAIN, sender, one);
        _measured("handle report, 01, without Mailbox");
        bytes memory others = Encodings.reportBody(rest, keeper);
        vm.prank(address(home.mailbox));
        home.collateral.handle(PAY_DOMAIN, sender, others);
        _measured("handle report, 09, without Mailbox");
    }

    function test_Refund() public {
        uint256 snapshot = cheats.snapshotState();
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        cheats.revertToState(snapshot);
        Fill memory facts = _fillByWinner(pay, order);
        vm.warp(order.openBy + 1);
        _reportAndDeliver(pay, facts);
        _answer(home, pay, id);
        pay.repayment.refund(facts);
        _measured("refund");
    }

    function test_ReturnSurplusAndClaim() public {
        bytes memory position = _underwater(home, "one");
        home.collateral.land(_landingOf(home, _intent(home, position), alice, 2.6 ether, HOME_DOMAIN));
        home.collateral.returnSurplus(MARKET, position, address(home.ether_));
        _measured("returnSurplus");
        vm.prank(protocolTreasury);
        home.collateral.claim(address(home.ether_), protocolTreasury);
        _measured("claim");
    }
}
