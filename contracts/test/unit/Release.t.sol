// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../devnet/TestToken.sol";
import {MessageClient} from "../../src/MessageClient.sol";
import {RepaymentEscrow} from "../../src/RepaymentEscrow.sol";
import {WarpRouteBridge} from "../../src/bridge/WarpRouteBridge.sol";
import {IWarpRoute} from "../../src/interfaces/external/IWarpRoute.sol";
import {Fill, Order, PaymentState} from "../../src/types/Types.sol";
import {Encodings} from "../base/Encodings.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {MockBridge} from "../base/MockBridge.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @notice A mock warp router that charges, keeps or takes as told.
contract MockWarpRouter {
    address public token;
    uint256 public tokenFee;
    bool public lazy;

    constructor(address token_) {
        token = token_;
    }

    function setTokenFee(uint256 fee) external {
        tokenFee = fee;
    }

    function setLazy(bool lazy_) external {
        lazy = lazy_;
    }

    function quoteTransferRemote(uint32, bytes32, uint256 amount)
        external
        view
        returns (IWarpRoute.Quote[] memory quotes)
    {
        quotes = new IWarpRoute.Quote[](3);
        quotes[0] = IWarpRoute.Quote(address(0), 0.002 ether);
        quotes[1] = IWarpRoute.Quote(token, amount + tokenFee);
        quotes[2] = IWarpRoute.Quote(token, 0);
    }

    function transferRemote(uint32, bytes32, uint256 amount) external payable returns (bytes32) {
        if (!lazy) IERC20(token).transferFrom(msg.sender, address(this), amount);
        return "sent";
    }
}

/// @title What leaves the repayment escrow: releases over bridges and to treasuries, verdicts and messages at their
/// limits.
contract ReleaseTest is GavelTest {
    MockBridge internal bridge;
    address internal receiver = makeAddr("route receiver at home");

    function setUp() public override {
        super.setUp();
        bridge = new MockBridge();
        vm.chainId(pay.chainId);
    }

    function _order(bytes32 quote, address carrier) internal view returns (Order memory order) {
        order.quote = quote;
        order.market = MARKET;
        order.homeDomain = HOME_DOMAIN;
        order.homeEscrow = address(home.collateral);
        order.payDomain = PAY_DOMAIN;
        order.payEscrow = address(pay.repayment);
        order.payToken = address(pay.dollar);
        order.treasury = carrier == address(0) ? vaultTreasury : receiver;
        order.bridge = carrier;
        order.solver = alice.account;
        order.payout = alice.payout;
        order.payAmount = 5004.5e18;
        order.ask = 2.6 ether;
        order.maxAsk = 2.7 ether;
        order.openBy = uint64(block.timestamp + 12);
        order.exclusiveUntil = order.openBy + 125;
        order.fillDeadline = order.exclusiveUntil + 600;
        order.expiresAt = order.fillDeadline + 3600;
    }

    function _accepted(bytes32 quote, address carrier) internal returns (Fill memory) {
        return _accepted(_order(quote, carrier));
    }

    function _accepted(Order memory order) internal returns (Fill memory facts) {
        facts = _fillByWinner(pay, order);
        _verdict(facts, true);
    }

    function _verdict(Fill memory facts, bool answer) internal {
        bool[] memory list = new bool[](1);
        list[0] = answer;
        _handle(Encodings.verdicts(_one(_id(facts)), list));
    }

    function _handle(bytes memory verdicts) internal {
        vm.prank(address(pay.mailbox));
        pay.repayment.handle(HOME_DOMAIN, _word(address(home.collateral)), verdicts);
    }

    function _id(Fill memory facts) internal pure returns (bytes32) {
        return Encodings.id(facts.order);
    }

    function _expectState(Fill memory facts, PaymentState state) internal view {
        assertEq(uint8(pay.repayment.payments(_id(facts))), uint8(state));
    }

    // ---- over a bridge ----

    function test_Bridge_TakesTheMoneyForItsFee_ExcessReturns() public {
        Fill memory facts = _accepted("one", address(bridge));
        assertEq(pay.repayment.quoteRelease(_one(facts)), 0.01 ether);
        uint256 before = keeper.balance;
        vm.expectEmit(address(pay.repayment));
        emit RepaymentEscrow.Released(_id(facts), address(pay.dollar), receiver, 5004.5e18);
        vm.expectEmit(address(pay.repayment));
        emit RepaymentEscrow.Bridged(address(bridge), bytes32(uint256(1)), HOME_DOMAIN, receiver, 5004.5e18);
        vm.prank(keeper);
        pay.repayment.release{value: 1 ether}(facts);
        assertEq(before - keeper.balance, 0.01 ether);
        _expectState(facts, PaymentState.Released);
        assertEq(pay.dollar.balanceOf(address(bridge)), 5004.5e18);
        assertEq(pay.dollar.balanceOf(address(pay.repayment)), 0);
        assertEq(bridge.lastCall(), keccak256(abi.encode(address(pay.dollar), 5004.5e18, HOME_DOMAIN, receiver)));
    }

    function test_Bridge_FeeTooLow() public {
        Fill memory facts = _accepted("one", address(bridge));
        vm.expectRevert(abi.encodeWithSelector(MessageClient.FeeTooLow.selector, 0.01 ether - 1, 0.01 ether));
        pay.repayment.release{value: 0.01 ether - 1}(facts);
        _expectState(facts, PaymentState.Accepted);
    }

    /// A bridge that refuses loses nothing: the payment stays, and is released once it works again.
    function test_Bridge_RefusingLosesNothing() public {
        Fill memory facts = _accepted("one", address(bridge));
        bridge.setRefusing(true);
        uint256 before = address(this).balance;
        vm.expectRevert(MockBridge.Refused.selector);
        pay.repayment.release{value: 1 ether}(facts);
        _expectState(facts, PaymentState.Accepted);
        assertEq(address(this).balance, before);
        assertEq(pay.dollar.balanceOf(address(pay.repayment)), 5004.5e18);
        bridge.setRefusing(false);
        pay.repayment.release{value: 1 ether}(facts);
        _expectState(facts, PaymentState.Released);
    }

    function test_Bridge_OnlyOnce() public {
        Fill memory facts = _accepted("one", address(bridge));
        pay.repayment.release{value: 0.01 ether}(facts);
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.WrongState.selector, _id(facts), PaymentState.Released));
        pay.repayment.release{value: 0.01 ether}(facts);
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.WrongState.selector, _id(facts), PaymentState.Released));
        pay.repayment.refund(facts);
    }

    function test_Bridge_WithoutCodeKeepsThePayment() public {
        Fill memory facts = _accepted("one", stranger);
        vm.expectRevert();
        pay.repayment.release{value: 1 ether}(facts);
        _expectState(facts, PaymentState.Accepted);
    }

    /// An order of a home escrow of one's own names any bridge; it reaches its own payment and nothing else.
    function test_Bridge_CannotReenter() public {
        Fill memory one = _accepted("one", address(bridge));
        Fill memory two = _accepted("two", address(bridge));
        bridge.callBack(address(pay.repayment), abi.encodeCall(pay.repayment.release, (two)));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        pay.repayment.release{value: 1 ether}(one);
        assertEq(pay.dollar.allowance(address(pay.repayment), address(bridge)), 0, "nothing is ever approved");
    }

    function test_Bridge_CallerThatTakesNoChange() public {
        Fill memory facts = _accepted("one", address(bridge));
        vm.deal(address(bridge), 1 ether); // has no receive
        vm.prank(address(bridge));
        vm.expectRevert(Errors.FailedCall.selector);
        pay.repayment.release{value: 0.5 ether}(facts);
        _expectState(facts, PaymentState.Accepted);
    }

    // ---- to a treasury ----

    function test_Treasury_NeedsNoFeeAndReturnsWhatCame() public {
        Fill memory facts = _accepted("one", address(0));
        assertEq(pay.repayment.quoteRelease(_one(facts)), 0);
        uint256 before = address(this).balance;
        pay.repayment.release{value: 1 ether}(facts);
        assertEq(address(this).balance, before);
        assertEq(pay.dollar.balanceOf(vaultTreasury), 5004.5e18);
    }

    // ---- many at once ----

    function test_Many_OneTransferOneFee() public {
        Fill[] memory fills = new Fill[](3);
        fills[0] = _accepted("one", address(bridge));
        fills[1] = _accepted("two", address(bridge));
        fills[2] = _accepted("three", address(bridge));
        pay.repayment.release{value: 0.01 ether}(fills[1]); // another account was faster
        uint256 before = address(this).balance;
        assertEq(pay.repayment.releaseMany{value: 1 ether}(fills), 2 * 5004.5e18);
        assertEq(before - address(this).balance, 0.01 ether);
        assertEq(bridge.transfers(), 2);
        assertEq(pay.dollar.balanceOf(address(bridge)), 3 * 5004.5e18);
        for (uint256 i; i < 3; ++i) {
            _expectState(fills[i], PaymentState.Released);
        }
        vm.expectRevert(RepaymentEscrow.NothingToRelease.selector);
        pay.repayment.releaseMany{value: 1 ether}(fills);
    }

    function test_Many_TheSameTwiceCountsOnce() public {
        Fill[] memory fills = new Fill[](2);
        fills[0] = fills[1] = _accepted("one", address(0));
        _accepted("others", address(0));
        assertEq(pay.repayment.releaseMany(fills), 5004.5e18);
    }

    function test_Many_OfOneRouteOnly() public {
        Fill[] memory fills = new Fill[](2);
        fills[0] = _accepted("one", address(bridge));
        fills[1] = _accepted("two", address(0));
        vm.expectRevert(RepaymentEscrow.MixedRoutes.selector);
        pay.repayment.releaseMany{value: 1 ether}(fills);
        vm.expectRevert(RepaymentEscrow.MixedRoutes.selector);
        pay.repayment.quoteRelease(fills);
        vm.expectRevert(RepaymentEscrow.NoFills.selector);
        pay.repayment.releaseMany(new Fill[](0));
        vm.expectRevert(RepaymentEscrow.NoFills.selector);
        pay.repayment.quoteRelease(new Fill[](0));
    }

    function test_Many_ToOneTreasuryOnly() public {
        Fill[] memory fills = new Fill[](2);
        fills[0] = _accepted("one", address(0));
        Order memory other = _order("two", address(0));
        other.treasury = receiver;
        fills[1] = _accepted(other);
        vm.expectRevert(RepaymentEscrow.MixedRoutes.selector);
        pay.repayment.releaseMany(fills);
    }

    function test_Many_OneRouteIsTokenBridgeTreasuryAndHome() public {
        Fill[] memory fills = new Fill[](2);
        for (uint256 i; i < 4; ++i) {
            (fills[0].order, fills[1].order) = (_order("one", address(bridge)), _order("two", address(bridge)));
            assertEq(pay.repayment.quoteRelease(fills), 0.01 ether);
            if (i == 0) fills[1].order.payToken = address(pay.ether_);
            else if (i == 1) fills[1].order.bridge = address(new MockBridge());
            else if (i == 2) fills[1].order.treasury = vaultTreasury;
            else fills[1].order.homeDomain = PAY_DOMAIN;
            vm.expectRevert(RepaymentEscrow.MixedRoutes.selector);
            pay.repayment.quoteRelease(fills);
        }
    }

    function test_Many_NeverOneThatWasNotAccepted() public {
        Fill[] memory fills = new Fill[](2);
        fills[0] = _accepted("one", address(0));
        fills[1] = _fillByWinner(pay, _order("two", address(0)));
        assertEq(pay.repayment.releaseMany(fills), 5004.5e18);
        _expectState(fills[1], PaymentState.Filled);
        fills[1].ask += 1;
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.UnknownFill.selector, _id(fills[1])));
        pay.repayment.releaseMany(fills);
    }

    // ---- the warp route's adapter ----

    function test_WarpBridge_RefusesWhatWouldArriveShort() public {
        TestToken token = pay.dollar;
        MockWarpRouter router = new MockWarpRouter(address(token));
        WarpRouteBridge warp = new WarpRouteBridge(IWarpRoute(address(router)));
        assertEq(warp.quote(address(token), 100, HOME_DOMAIN, receiver), 0.002 ether);
        vm.expectRevert(
            abi.encodeWithSelector(WarpRouteBridge.WrongToken.selector, address(pay.ether_), address(token))
        );
        warp.quote(address(pay.ether_), 100, HOME_DOMAIN, receiver);
        vm.expectRevert(
            abi.encodeWithSelector(WarpRouteBridge.WrongToken.selector, address(pay.ether_), address(token))
        );
        warp.transfer(address(pay.ether_), 100, HOME_DOMAIN, receiver);

        Fill memory facts = _accepted("one", address(warp));
        router.setTokenFee(1);
        vm.expectRevert(
            abi.encodeWithSelector(WarpRouteBridge.ChargesTokens.selector, address(token), 5004.5e18 + 1, 5004.5e18)
        );
        pay.repayment.release{value: 1 ether}(facts);
        router.setTokenFee(0);
        router.setLazy(true);
        vm.expectRevert(abi.encodeWithSelector(WarpRouteBridge.KeptTokens.selector, 5004.5e18, 0));
        pay.repayment.release{value: 1 ether}(facts);
        router.setLazy(false);
        token.mint(address(warp), 7); // a donation changes nothing
        pay.repayment.release{value: 1 ether}(facts);
        assertEq(token.balanceOf(address(router)), 5004.5e18);
        assertEq(token.allowance(address(warp), address(router)), 0);
        _expectState(facts, PaymentState.Released);
    }

    // ---- verdicts, item by item ----

    function test_Verdict_ItemsThatDoNotCountHarmNoNeighbour() public {
        Fill memory one = _fillByWinner(pay, _order("one", address(0)));
        Fill memory two = _fillByWinner(pay, _order("two", address(0)));
        bytes32[] memory ids = new bytes32[](4);
        bool[] memory answers = new bool[](4);
        (ids[0], ids[1], ids[2], ids[3]) = ("unknown", _id(two), _id(two), _id(one));
        (answers[0], answers[1], answers[2], answers[3]) = (true, true, false, false);
        _handle(Encodings.verdicts(ids, answers));
        _expectState(one, PaymentState.Refused);
        _expectState(two, PaymentState.Accepted);
        _verdict(one, true); // answered before
        _expectState(one, PaymentState.Refused);
    }

    function _expectMalformed(bytes memory verdicts) internal {
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.MalformedVerdicts.selector, verdicts.length));
        _handle(verdicts);
    }

    /// An answer that is not there would be a no.
    function test_Verdict_Malformed() public {
        Fill memory facts = _fillByWinner(pay, _order("one", address(0)));
        bytes memory verdicts = Encodings.verdicts(_one(_id(facts)), new bool[](1));
        _expectMalformed("");
        _expectMalformed(hex"01");
        _expectMalformed(abi.encode(_one(_id(facts)), new bool[](1)));
        _expectMalformed(bytes.concat(verdicts, hex"01"));
        bytes32[] memory many = new bytes32[](pay.repayment.MAX_ITEMS() + 1);
        many[many.length - 1] = _id(facts);
        _expectMalformed(Encodings.verdicts(many, new bool[](1)));
        _expectState(facts, PaymentState.Filled);
        _handle(Encodings.verdicts(new bytes32[](0), new bool[](0))); // nothing, and no harm
    }

    function test_Handle_TakesNoMoney() public {
        vm.deal(address(pay.mailbox), 1 ether);
        vm.prank(address(pay.mailbox));
        vm.expectRevert(abi.encodeWithSelector(MessageClient.UnexpectedValue.selector, 1));
        pay.repayment.handle{value: 1}(HOME_DOMAIN, bytes32(uint256(1)), "");
    }

    // ---- messages at their limits ----

    function _fills(uint256 count) internal returns (Fill[] memory fills) {
        fills = new Fill[](count);
        for (uint256 i; i < count; ++i) {
            fills[i] = _fillByWinner(pay, _order(bytes32(i + 1), address(0)));
        }
    }

    function test_Report_NoMoreItemsThanABlockHolds() public {
        uint256 most = pay.repayment.MAX_ITEMS();
        Fill[] memory fills = _fills(most + 1);
        bytes memory payments = Encodings.payments(fills);
        vm.expectRevert(abi.encodeWithSelector(MessageClient.TooManyItems.selector, most + 1, most));
        pay.repayment.report{value: 1 ether}(HOME_DOMAIN, address(home.collateral), payments);
        vm.expectRevert(abi.encodeWithSelector(MessageClient.TooManyItems.selector, most + 1, most));
        pay.repayment.quoteReport(HOME_DOMAIN, address(home.collateral), payments);
        assembly ("memory-safe") {
            mstore(fills, most)
        }
        payments = Encodings.payments(fills);
        uint256 before = address(this).balance;
        pay.repayment.report{value: 1 ether}(HOME_DOMAIN, address(home.collateral), payments);
        assertEq(before - address(this).balance, MESSAGE_FEE, "the excess comes back");
    }

    /// What a verdicts' message asks the gas paymaster for delivers it, at any size.
    function test_Verdicts_DeclaredGasSuffices() public {
        uint256[3] memory counts = [uint256(1), 10, pay.repayment.MAX_ITEMS()];
        for (uint256 c; c < counts.length; ++c) {
            uint256 snapshot = cheats.snapshotState();
            Fill[] memory fills = _fills(counts[c]);
            bytes32[] memory ids = new bytes32[](counts[c]);
            bool[] memory answers = new bool[](counts[c]);
            for (uint256 i; i < ids.length; ++i) {
                (ids[i], answers[i]) = (_id(fills[i]), true);
            }
            bytes memory call = abi.encodeCall(
                pay.repayment.handle,
                (HOME_DOMAIN, bytes32(uint256(uint160(address(home.collateral)))), Encodings.verdicts(ids, answers))
            );
            uint256 declared = pay.repayment.VERDICT_BASE_GAS() + counts[c] * pay.repayment.VERDICT_ITEM_GAS();
            cheats.cool(address(pay.repayment));
            vm.prank(address(pay.mailbox));
            uint256 left = gasleft();
            (bool ok,) = address(pay.repayment).call{gas: declared}(call);
            emit log_named_uint("gas of verdicts", left - gasleft());
            assertTrue(ok, vm.toString(counts[c]));
            _expectState(fills[counts[c] - 1], PaymentState.Accepted);
            cheats.revertToState(snapshot);
        }
    }

    // ---- ERC-7683's empty filler data ----

    function test_Fill_WithoutFillerDataIsForOneself() public {
        Order memory order = _order("one", address(0));
        bytes memory bill = Encodings.bill(order);
        vm.startPrank(bob.account);
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.ExclusiveUntil.selector, order.exclusiveUntil));
        pay.repayment.fill(Encodings.id(order), bill, "");
        vm.warp(order.exclusiveUntil + 1);
        vm.recordLogs();
        pay.repayment.fill(Encodings.id(order), bill, "");
        vm.stopPrank();
        assertEq(uint8(pay.repayment.payments(Encodings.id(order))), uint8(PaymentState.Filled));
    }
}
