// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MessageClient} from "../../src/MessageClient.sol";
import {RepaymentEscrow} from "../../src/RepaymentEscrow.sol";
import {Fill, Order, PaymentState} from "../../src/types/Types.sol";
import {Encodings} from "../base/Encodings.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {FeeOnTransferToken, MoodyToken, NoReturnToken, ReentrantToken} from "../base/MockTokens.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";

contract RepaymentEscrowTest is GavelTest {
    uint256 internal constant FILL_WORDS = 32;

    function setUp() public override {
        super.setUp();
        vm.chainId(pay.chainId);
    }

    /// @dev An order as the home escrow would open it; nothing on the pay side can tell whether it did.
    function _order(bytes32 quote) internal view returns (Order memory order) {
        order.intent = "intent";
        order.quote = quote;
        order.market = MARKET;
        order.positionKey = "position";
        order.homeDomain = HOME_DOMAIN;
        order.homeEscrow = address(home.collateral);
        order.payDomain = PAY_DOMAIN;
        order.payEscrow = address(pay.repayment);
        order.collateral = address(home.ether_);
        order.debt = address(home.dollar);
        order.payToken = address(pay.dollar);
        order.treasury = vaultTreasury;
        order.solver = alice.account;
        order.payout = alice.payout;
        order.terms = 1;
        order.repaid = 5000e6;
        order.keeperFee = 2e6;
        order.routeFee = 2.5e6;
        order.payAmount = 5004.5e18;
        order.ask = 2.6 ether;
        order.maxAsk = 2.7225 ether;
        order.bond = 500e6;
        order.latePenalty = 270e6;
        order.openBy = uint64(block.timestamp + 12);
        order.exclusiveUntil = order.openBy + 125;
        order.fillDeadline = order.exclusiveUntil + 600;
        order.expiresAt = order.fillDeadline + 3600;
    }

    function _pay(Order memory order, address payer, address beneficiary, uint128 least) internal {
        vm.prank(payer);
        pay.repayment.fill(_id(order), Encodings.bill(order), abi.encode(beneficiary, least));
    }

    function _expectRefused(Order memory order, address payer, address beneficiary, uint128 least, bytes memory reason)
        internal
    {
        vm.prank(payer);
        vm.expectRevert(reason);
        pay.repayment.fill(_id(order), Encodings.bill(order), abi.encode(beneficiary, least));
        _expectState(order, PaymentState.None);
    }

    function _id(Order memory order) internal pure returns (bytes32) {
        return Encodings.id(order);
    }

    function _expectState(Order memory order, PaymentState state) internal view {
        assertEq(uint8(pay.repayment.payments(_id(order))), uint8(state));
    }

    function _verdict(uint32 origin, address sender, bytes32 id, bool accepted) internal {
        bool[] memory list = new bool[](1);
        list[0] = accepted;
        vm.prank(address(pay.mailbox));
        pay.repayment.handle(origin, bytes32(uint256(uint160(sender))), Encodings.verdicts(_one(id), list));
    }

    function _verdict(Order memory order, bool accepted) internal {
        _verdict(HOME_DOMAIN, address(home.collateral), _id(order), accepted);
    }

    // ---- filling ----

    function test_Fill_ByTheWinner() public {
        Order memory order = _order("one");
        uint256 before = pay.dollar.balanceOf(alice.account);
        vm.expectEmit(address(pay.repayment));
        emit RepaymentEscrow.Filled(_id(order), alice.account, alice.payout, 2.6 ether, uint64(block.timestamp));
        _pay(order, alice.account, alice.payout, 2.6 ether);
        _expectState(order, PaymentState.Filled);
        assertEq(before - pay.dollar.balanceOf(alice.account), 5004.5e18);
        assertEq(pay.dollar.balanceOf(address(pay.repayment)), 5004.5e18);
    }

    function test_Fill_ByAnyoneForTheWinner() public {
        Order memory order = _order("one");
        Fill memory facts = _fill(pay, order, bob.account, alice.payout);
        assertEq(facts.payer, bob.account);
        assertEq(facts.ask, 2.6 ether);
    }

    function test_Fill_ExclusiveToTheLastSecond() public {
        Order memory order = _order("one");
        vm.warp(order.exclusiveUntil);
        _expectRefused(
            order,
            bob.account,
            bob.payout,
            0,
            abi.encodeWithSelector(RepaymentEscrow.ExclusiveUntil.selector, order.exclusiveUntil)
        );
        uint256 snapshot = cheats.snapshotState();
        assertEq(_fill(pay, order, bob.account, alice.payout).ask, 2.6 ether, "at the winner's ask");
        cheats.revertToState(snapshot);
        vm.warp(order.exclusiveUntil + 1);
        Fill memory facts = _fill(pay, order, bob.account, bob.payout);
        assertEq(facts.beneficiary, bob.payout);
        assertEq(facts.ask, 2.6 ether + uint128(0.1225 ether) / 600);
    }

    function test_Fill_AskRisesToTheDeadlineAndNoFurther() public {
        Order memory order = _order("one");
        vm.warp(order.exclusiveUntil + 300);
        uint256 snapshot = cheats.snapshotState();
        assertEq(_fill(pay, order, bob.account, bob.payout).ask, 2.661_25 ether);
        cheats.revertToState(snapshot);
        vm.warp(order.fillDeadline);
        assertEq(_fill(pay, order, bob.account, bob.payout).ask, order.maxAsk);
        cheats.revertToState(snapshot);
        vm.warp(order.fillDeadline + 1);
        _expectRefused(
            order,
            alice.account,
            alice.payout,
            0,
            abi.encodeWithSelector(RepaymentEscrow.FillDeadlinePassed.selector, order.fillDeadline)
        );
    }

    function testFuzz_AskCurve(uint128 ask, uint128 maxAsk, uint64 window, uint64 at, uint64 later) public {
        Order memory order = _order("one");
        order.maxAsk = maxAsk;
        order.ask = uint128(bound(ask, 0, maxAsk));
        window = uint64(bound(window, 1, 365 days));
        order.fillDeadline = order.exclusiveUntil + window;
        at = uint64(bound(at, 1, window));
        later = uint64(bound(later, at, window));
        uint256 snapshot = cheats.snapshotState();
        vm.warp(order.exclusiveUntil + at);
        uint256 first = _fill(pay, order, bob.account, bob.payout).ask;
        cheats.revertToState(snapshot);
        vm.warp(order.exclusiveUntil + later);
        uint256 second = _fill(pay, order, bob.account, bob.payout).ask;
        assertLe(order.ask, first);
        assertLe(first, second);
        assertLe(second, order.maxAsk);
    }

    function test_Fill_AskBelowLeast() public {
        Order memory order = _order("one");
        _expectRefused(
            order,
            alice.account,
            alice.payout,
            2.6 ether + 1,
            abi.encodeWithSelector(RepaymentEscrow.AskBelowLeast.selector, 2.6 ether, 2.6 ether + 1)
        );
    }

    function test_Fill_ZeroBeneficiary() public {
        Order memory order = _order("one");
        vm.warp(order.exclusiveUntil + 1);
        _expectRefused(
            order, alice.account, address(0), 0, abi.encodeWithSelector(RepaymentEscrow.ZeroAddress.selector)
        );
    }

    function test_Fill_MalformedOrder() public {
        Order memory order = _order("one");
        bytes memory bill = Encodings.bill(order);
        bytes[4] memory others =
            [bytes.concat(bill, bytes1(0)), abi.encodePacked(order.homeDomain), "", abi.encode(order)];
        vm.startPrank(alice.account);
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(RepaymentEscrow.MalformedOrder.selector);
            pay.repayment.fill(_id(order), others[i], abi.encode(alice.payout, uint128(0)));
        }
        vm.stopPrank();
    }

    /// Every bit of a bill is in its order's id.
    function testFuzz_Fill_ABentBillIsAnotherOrders(uint256 at, uint8 flip) public {
        Order memory order = _order("one");
        bytes memory bill = Encodings.bill(order);
        at = bound(at, 0, bill.length - 1);
        bill[at] ^= bytes1(uint8(bound(flip, 1, 255)));
        vm.prank(alice.account);
        cheats.expectPartialRevert(RepaymentEscrow.WrongOrderId.selector);
        pay.repayment.fill(_id(order), bill, abi.encode(alice.payout, uint128(0)));
    }

    function test_Fill_WrongOrderId() public {
        Order memory order = _order("one");
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.WrongOrderId.selector, bytes32("another"), _id(order)));
        pay.repayment.fill("another", Encodings.bill(order), abi.encode(alice.payout, uint128(0)));
    }

    function test_Fill_WrongPayEscrow() public {
        bytes32 here = _id(_order("one"));
        Order memory order = _order("one");
        order.payDomain = uint32(pay.chainId); // a chain id is no domain
        bytes memory reason = abi.encodeWithSelector(RepaymentEscrow.WrongOrderId.selector, _id(order), here);
        _expectRefused(order, alice.account, alice.payout, 0, reason);
        order.payDomain = PAY_DOMAIN;
        order.payEscrow = address(home.repayment);
        reason = abi.encodeWithSelector(RepaymentEscrow.WrongOrderId.selector, _id(order), here);
        _expectRefused(order, alice.account, alice.payout, 0, reason);
    }

    function test_Fill_Once() public {
        Order memory order = _order("one");
        Fill memory facts = _fillByWinner(pay, order);
        _expectAlreadyFilled(order);
        _verdict(order, false);
        _expectAlreadyFilled(order);
        pay.repayment.refund(facts);
        _expectAlreadyFilled(order);
    }

    function _expectAlreadyFilled(Order memory order) internal {
        vm.prank(bob.account);
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.AlreadyFilled.selector, _id(order)));
        pay.repayment.fill(_id(order), Encodings.bill(order), abi.encode(alice.payout, uint128(0)));
    }

    function test_Fill_FeeOnTransferTokenIsRefused() public {
        FeeOnTransferToken token = new FeeOnTransferToken();
        Order memory order = _order("one");
        order.payToken = address(token);
        token.mint(alice.account, 10_000e18);
        token.mint(address(pay.repayment), 10_000e18); // others' deposits must not make up for the fee
        vm.prank(alice.account);
        token.approve(address(pay.repayment), type(uint256).max);
        _expectRefused(
            order,
            alice.account,
            alice.payout,
            0,
            abi.encodeWithSelector(
                RepaymentEscrow.UnexpectedAmount.selector, order.payAmount - order.payAmount / 100, order.payAmount
            )
        );
    }

    function test_Fill_TokenWithoutReturnValue() public {
        NoReturnToken token = new NoReturnToken();
        Order memory order = _order("one");
        order.payToken = address(token);
        order.payAmount = 5004.5e6;
        token.mint(alice.account, 5004.5e6);
        vm.prank(alice.account);
        token.approve(address(pay.repayment), 5004.5e6);
        Fill memory facts = _fillByWinner(pay, order);
        _verdict(order, true);
        pay.repayment.release(facts);
        assertEq(token.balanceOf(vaultTreasury), 5004.5e6);
    }

    /// An order can name any token, and the token can call back: into nothing that moves money.
    function test_HostileTokenCannotReenter() public {
        ReentrantToken token = new ReentrantToken();
        Order memory order = _order("one");
        order.payToken = address(token);
        token.mint(alice.account, order.payAmount);
        vm.prank(alice.account);
        token.approve(address(pay.repayment), type(uint256).max);
        bytes memory bill = Encodings.bill(order);
        bytes4 guarded = bytes4(keccak256("ReentrancyGuardReentrantCall()"));

        token.setCallback(
            address(pay.repayment),
            abi.encodeCall(pay.repayment.fill, (_id(order), bill, abi.encode(alice.payout, uint128(0))))
        );
        Fill memory facts = _fillByWinner(pay, order);
        assertFalse(token.reentered());
        assertEq(bytes4(token.answer()), guarded);

        _verdict(order, false);
        token.setCallback(address(pay.repayment), abi.encodeCall(pay.repayment.refund, (facts)));
        pay.repayment.refund(facts);
        assertFalse(token.reentered());
        assertEq(bytes4(token.answer()), guarded);
        assertEq(token.balanceOf(alice.account), order.payAmount, "refunded once");
    }

    function test_Fill_WithoutMoney() public {
        Order memory order = _order("one");
        _expectRefused(
            order,
            stranger,
            alice.payout,
            0,
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, address(pay.repayment), 0, order.payAmount
            )
        );
    }

    // ---- reporting ----

    function test_Report_NoFills() public {
        vm.expectRevert(RepaymentEscrow.NoFills.selector);
        pay.repayment.report(HOME_DOMAIN, address(home.collateral), "");
        vm.expectRevert(RepaymentEscrow.NoFills.selector);
        pay.repayment.quoteReport(HOME_DOMAIN, address(home.collateral), "");
    }

    function _expectMalformed(bytes memory payments) internal {
        bytes memory reason = abi.encodeWithSelector(RepaymentEscrow.MalformedPayments.selector, payments.length);
        vm.expectRevert(reason);
        pay.repayment.report{value: MESSAGE_FEE}(HOME_DOMAIN, address(home.collateral), payments);
        vm.expectRevert(reason);
        pay.repayment.quoteReport(HOME_DOMAIN, address(home.collateral), payments);
    }

    function test_Report_Malformed() public {
        Fill memory facts = _fillByWinner(pay, _order("one"));
        bytes memory payments = Encodings.payments(_one(facts));
        bytes memory lane = Encodings.lane(facts.order);
        _expectMalformed(hex"00");
        _expectMalformed(lane);
        _expectMalformed(bytes.concat(lane, hex"01"));
        _expectMalformed(bytes.concat(lane, hex"00")); // an empty run
        _expectMalformed(bytes.concat(payments, hex"00"));
        _expectMalformed(bytes.concat(payments, lane, hex"00"));
        _expectMalformed(abi.encode(_one(facts)));
        payments[96] = 0x02; // one more than there are
        _expectMalformed(payments);
    }

    /// A report names one home, and payments for another are none of its.
    function test_Report_MixedHomes() public {
        Order memory other = _order("two");
        other.homeEscrow = stranger;
        Fill[] memory fills = new Fill[](2);
        fills[0] = _fillByWinner(pay, _order("one"));
        fills[1] = _fillByWinner(pay, other);
        _expectUnknownAtHome(fills);
        other = _order("three");
        other.homeDomain = 77;
        fills[1] = _fillByWinner(pay, other);
        _expectUnknownAtHome(fills);
    }

    /// @dev The second of these payments counts as one for an order of home, which was never paid.
    function _expectUnknownAtHome(Fill[] memory fills) internal {
        Order memory ours = abi.decode(abi.encode(fills[1].order), (Order));
        (ours.homeDomain, ours.homeEscrow) = (HOME_DOMAIN, address(home.collateral));
        bytes memory payments = Encodings.payments(fills);
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.UnknownFill.selector, _id(ours)));
        pay.repayment.report{value: MESSAGE_FEE}(HOME_DOMAIN, address(home.collateral), payments);
    }

    function test_Report_SendsTheFactsHome() public {
        Order memory bobs = _order("three");
        bobs.solver = bob.account; // of another lane
        Fill[] memory fills = new Fill[](4);
        fills[0] = _fillByWinner(pay, _order("one"));
        fills[1] = _fillByWinner(pay, _order("two"));
        fills[2] = _fillByWinner(pay, bobs);
        fills[3] = fills[0];
        bytes32[] memory ids = new bytes32[](4);
        for (uint256 i; i < 4; ++i) {
            ids[i] = _id(fills[i].order);
        }
        bytes memory payments = Encodings.payments(fills);
        vm.expectEmit(false, true, false, true, address(pay.repayment));
        emit RepaymentEscrow.Reported(0, HOME_DOMAIN, ids);
        vm.recordLogs();
        bytes32 messageId = pay.repayment.report{value: MESSAGE_FEE}(HOME_DOMAIN, address(home.collateral), payments);
        bytes memory message = _dispatched()[0];
        assertEq(messageId, keccak256(message), "Hyperlane's id");
        bytes memory body = new bytes(message.length - 77);
        for (uint256 i; i < body.length; ++i) {
            body[i] = message[77 + i];
        }
        assertEq(body, Encodings.reportBody(fills, address(this)), "with who reported them");
        _report(pay, fills); // again, by anyone, forever
    }

    function test_Report_UnknownOrder() public {
        Order memory order = _order("one");
        Fill memory facts = Fill(order, alice.account, alice.payout, 2.6 ether, uint64(block.timestamp));
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.UnknownFill.selector, _id(order)));
        pay.repayment.report{value: MESSAGE_FEE}(HOME_DOMAIN, address(home.collateral), Encodings.payments(_one(facts)));
    }

    /// Any field changed makes another fill, which was never made.
    function test_TamperedFillsAreUnknown() public {
        Fill memory facts = _fillByWinner(pay, _order("one"));
        for (uint256 word; word < FILL_WORDS; ++word) {
            _expectUnknown(_tampered(facts, word, 1), word);
        }
    }

    function testFuzz_TamperedFillsAreUnknown(uint256 word, uint256 flip) public {
        Fill memory facts = _fillByWinner(pay, _order("one"));
        word = bound(word, 0, FILL_WORDS - 1);
        flip = bound(flip, 1, type(uint32).max);
        _expectUnknown(_tampered(facts, word, flip), word);
    }

    function _tampered(Fill memory facts, uint256 word, uint256 flip) internal pure returns (Fill memory) {
        bytes memory data = abi.encode(facts);
        assembly ("memory-safe") {
            let at := add(add(data, 32), mul(word, 32))
            mstore(at, xor(mload(at), flip))
        }
        return abi.decode(data, (Fill));
    }

    function _expectUnknown(Fill memory tampered, uint256 word) internal {
        string memory which = vm.toString(word);
        // A report says nothing of the pay side, words 6 and 7: there is nothing to tamper with.
        if (word != 6 && word != 7) _expectRevertsUnknown(_reportCall(tampered), which);
        _expectRevertsUnknown(abi.encodeCall(pay.repayment.release, (tampered)), which);
        _expectRevertsUnknown(abi.encodeCall(pay.repayment.refund, (tampered)), which);
    }

    function _reportCall(Fill memory facts) internal view returns (bytes memory) {
        return abi.encodeCall(
            pay.repayment.report, (facts.order.homeDomain, facts.order.homeEscrow, Encodings.payments(_one(facts)))
        );
    }

    function _expectRevertsUnknown(bytes memory data, string memory which) internal {
        assertTrue(_revertsWith(address(pay.repayment), data, 1_000_000, RepaymentEscrow.UnknownFill.selector), which);
    }

    function test_Report_FeeTooLowAndExcess() public {
        bytes memory payments = Encodings.payments(_one(_fillByWinner(pay, _order("one"))));
        assertEq(pay.repayment.quoteReport(HOME_DOMAIN, address(home.collateral), payments), MESSAGE_FEE);
        vm.expectRevert(abi.encodeWithSelector(MessageClient.FeeTooLow.selector, MESSAGE_FEE - 1, MESSAGE_FEE));
        pay.repayment.report{value: MESSAGE_FEE - 1}(HOME_DOMAIN, address(home.collateral), payments);
        uint256 before = address(this).balance;
        pay.repayment.report{value: 1 ether}(HOME_DOMAIN, address(home.collateral), payments);
        assertEq(before - address(this).balance, MESSAGE_FEE);
        assertEq(address(pay.repayment).balance, 0);
    }

    function test_Report_ExcessToACallerThatTakesNone() public {
        bytes memory payments = Encodings.payments(_one(_fillByWinner(pay, _order("one"))));
        vm.deal(address(digests), 1 ether);
        vm.prank(address(digests));
        vm.expectRevert(Errors.FailedCall.selector);
        pay.repayment.report{value: 1 ether}(HOME_DOMAIN, address(home.collateral), payments);
        vm.prank(address(digests));
        pay.repayment.report{value: MESSAGE_FEE}(HOME_DOMAIN, address(home.collateral), payments);
    }

    // ---- verdicts ----

    function test_Verdict_AcceptedThenReleasedOnce() public {
        Order memory order = _order("one");
        Fill memory facts = _fillByWinner(pay, order);
        vm.expectEmit(address(pay.repayment));
        emit RepaymentEscrow.VerdictReceived(_id(order), true);
        _verdict(order, true);
        _expectState(order, PaymentState.Accepted);
        _expectWrongState(abi.encodeCall(pay.repayment.refund, (facts)), order, PaymentState.Accepted);
        vm.expectEmit(address(pay.repayment));
        emit RepaymentEscrow.Released(_id(order), address(pay.dollar), vaultTreasury, 5004.5e18);
        vm.prank(stranger);
        pay.repayment.release(facts);
        _expectState(order, PaymentState.Released);
        assertEq(pay.dollar.balanceOf(vaultTreasury), 5004.5e18);
        _expectWrongState(abi.encodeCall(pay.repayment.release, (facts)), order, PaymentState.Released);
        _expectWrongState(abi.encodeCall(pay.repayment.refund, (facts)), order, PaymentState.Released);
    }

    function test_Verdict_RefusedThenRefundedOnce() public {
        Order memory order = _order("one");
        Fill memory facts = _fill(pay, order, bob.account, alice.payout);
        uint256 before = pay.dollar.balanceOf(bob.account);
        _verdict(order, false);
        _expectState(order, PaymentState.Refused);
        _expectWrongState(abi.encodeCall(pay.repayment.release, (facts)), order, PaymentState.Refused);
        vm.expectEmit(address(pay.repayment));
        emit RepaymentEscrow.Refunded(_id(order), address(pay.dollar), bob.account, 5004.5e18);
        vm.prank(stranger);
        pay.repayment.refund(facts);
        assertEq(pay.dollar.balanceOf(bob.account) - before, 5004.5e18);
        _expectWrongState(abi.encodeCall(pay.repayment.refund, (facts)), order, PaymentState.Refunded);
        _expectWrongState(abi.encodeCall(pay.repayment.release, (facts)), order, PaymentState.Refunded);
    }

    function test_NoClockReleasesOrRefunds() public {
        Order memory order = _order("one");
        Fill memory facts = _fillByWinner(pay, order);
        vm.warp(block.timestamp + 3650 days);
        _expectWrongState(abi.encodeCall(pay.repayment.release, (facts)), order, PaymentState.Filled);
        _expectWrongState(abi.encodeCall(pay.repayment.refund, (facts)), order, PaymentState.Filled);
    }

    function _expectWrongState(bytes memory data, Order memory order, PaymentState state) internal {
        vm.expectRevert(abi.encodeWithSelector(RepaymentEscrow.WrongState.selector, _id(order), state));
        (bool ignored,) = address(pay.repayment).call(data);
        ignored;
    }

    function _expectIgnored(uint32 origin, address sender, bytes32 id, bool accepted) internal {
        PaymentState before = pay.repayment.payments(id);
        vm.expectEmit(address(pay.repayment));
        emit RepaymentEscrow.VerdictIgnored(id);
        _verdict(origin, sender, id, accepted);
        assertEq(uint8(pay.repayment.payments(id)), uint8(before));
    }

    function test_Verdict_OnlyTheFirstCounts() public {
        Order memory order = _order("one");
        Fill memory facts = _fillByWinner(pay, order);
        _verdict(order, true);
        _expectIgnored(HOME_DOMAIN, address(home.collateral), _id(order), true);
        _expectIgnored(HOME_DOMAIN, address(home.collateral), _id(order), false);
        pay.repayment.release(facts);
        _expectIgnored(HOME_DOMAIN, address(home.collateral), _id(order), false);
    }

    /// The refund through a third chain: only the very home that the order names is heard.
    function test_Verdict_FromAnotherHomeIsIgnored() public {
        Order memory order = _order("one");
        _fillByWinner(pay, order);
        _expectIgnored(HOME_DOMAIN, stranger, _id(order), false);
        _expectIgnored(77, address(home.collateral), _id(order), false);
        _expectIgnored(uint32(home.chainId), address(home.collateral), _id(order), true);
        // A home that has payments of its own is no better.
        Order memory theirs = _order("two");
        theirs.homeEscrow = stranger;
        _fillByWinner(pay, theirs);
        _expectIgnored(HOME_DOMAIN, stranger, _id(order), true);
        _expectIgnored(HOME_DOMAIN, address(home.collateral), _id(theirs), true);
    }

    function test_Verdict_UnknownOrderIsIgnored() public {
        _fillByWinner(pay, _order("one"));
        _expectIgnored(HOME_DOMAIN, address(home.collateral), "unknown", true);
    }

    function test_Verdict_OnlyMailboxAndOnlyAddresses() public {
        vm.expectRevert(MessageClient.OnlyMailbox.selector);
        pay.repayment.handle(HOME_DOMAIN, bytes32(uint256(uint160(address(home.collateral)))), "");
        vm.startPrank(address(pay.mailbox));
        vm.expectRevert(abi.encodeWithSelector(MessageClient.NotAnAddress.selector, bytes32(type(uint256).max)));
        pay.repayment.handle(HOME_DOMAIN, bytes32(type(uint256).max), "");
        vm.stopPrank();
    }

    function test_BlockedPayeeWaitsAndBlocksNobody() public {
        MoodyToken token = new MoodyToken(18);
        Order memory order = _order("one");
        order.payToken = address(token);
        token.mint(alice.account, order.payAmount);
        vm.prank(alice.account);
        token.approve(address(pay.repayment), order.payAmount);
        Fill memory facts = _fillByWinner(pay, order);
        _verdict(order, false);
        token.setMood(alice.account, MoodyToken.Mood.Reverting);
        vm.expectRevert("blacklisted");
        pay.repayment.refund(facts);
        _expectState(order, PaymentState.Refused);
        token.setMood(alice.account, MoodyToken.Mood.Willing);
        pay.repayment.refund(facts);
        assertEq(token.balanceOf(alice.account), order.payAmount);
    }
}
