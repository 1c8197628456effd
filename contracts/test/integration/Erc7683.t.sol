// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Erc7683Resolver, IEscrowOrders} from "../../src/Erc7683Resolver.sol";
import {RepaymentEscrow} from "../../src/RepaymentEscrow.sol";
import {
    IOriginSettler,
    OnchainCrossChainOrder,
    ResolvedCrossChainOrder
} from "../../src/interfaces/external/IERC7683.sol";
import {Fill, Order, OrderState, PaymentState} from "../../src/types/Types.sol";
import {Encodings} from "../base/Encodings.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {StandardFiller} from "../base/StandardFiller.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Vm} from "forge-std/Vm.sol";

/// @title Our open orders in ERC-7683's words, filled by a filler written from the standard alone.
contract Erc7683Test is GavelTest {
    Erc7683Resolver internal resolver;
    StandardFiller internal filler;
    address internal ownRecipient = makeAddr("filler's recipient");

    function setUp() public override {
        super.setUp();
        resolver = new Erc7683Resolver(IEscrowOrders(address(home.collateral)), address(home.manager));
        resolver.setChain(PAY_DOMAIN, pay.chainId);
        filler = new StandardFiller(ownRecipient);
        pay.dollar.mint(address(filler), 10_000e18);
    }

    function _wrapped(Order memory order) internal view returns (OnchainCrossChainOrder memory) {
        return OnchainCrossChainOrder(uint32(order.fillDeadline), resolver.ORDER_DATA_TYPE(), abi.encode(order));
    }

    /// @dev Fills on the pay chain with what the standard says, and returns our facts of it for the report.
    function _standardFill(Order memory order, ResolvedCrossChainOrder memory resolved)
        internal
        returns (Fill memory facts)
    {
        vm.recordLogs();
        vm.chainId(pay.chainId);
        filler.fill(resolved, address(home.ether_), 2.6 ether);
        vm.chainId(home.chainId);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] == RepaymentEscrow.Filled.selector) {
                return _facts(order, logs[i]);
            }
        }
        revert("not filled");
    }

    function test_AFillerOfTheStandardFillsAnOpenOrder() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        vm.warp(order.exclusiveUntil + 1);
        Fill memory facts = _standardFill(order, resolver.resolve(_wrapped(order)));
        assertEq(pay.dollar.balanceOf(address(filler)), 10_000e18 - order.payAmount);
        _deliver(_report(pay, _one(facts)));
        assertEq(uint8(_stateOf(home, id)), uint8(OrderState.Settled));
        assertGe(home.ether_.balanceOf(ownRecipient), 2.6 ether, "at least what it was promised");
        _answer(home, pay, id);
        assertEq(uint8(pay.repayment.payments(id)), uint8(PaymentState.Accepted));
    }

    function test_InTheExclusivePhaseItPaysForTheWinner() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        ResolvedCrossChainOrder memory resolved = resolver.resolve(_wrapped(order));
        assertEq(resolved.minReceived[0].recipient, bytes32(uint256(uint160(alice.payout))));
        _deliver(_report(pay, _one(_standardFill(order, resolved))));
        assertEq(uint8(_stateOf(home, id)), uint8(OrderState.Settled));
        assertEq(home.ether_.balanceOf(alice.payout), 2.6 ether);
    }

    /// A filler that takes an early resolution into the public phase still pays for the winner, at no less than it
    /// asked.
    function test_ResolvedEarlyFilledLate() public {
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        ResolvedCrossChainOrder memory resolved = resolver.resolve(_wrapped(order));
        vm.warp(order.exclusiveUntil + 300);
        Fill memory facts = _standardFill(order, resolved);
        assertEq(facts.beneficiary, alice.payout);
        assertGt(facts.ask, 2.6 ether);
    }

    function test_EveryFieldIsTheStandards() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        ResolvedCrossChainOrder memory resolved = resolver.resolve(order);
        assertEq(resolved.user, order.solver);
        assertEq(resolved.originChainId, home.chainId);
        assertEq(resolved.openDeadline, order.openBy);
        assertEq(resolved.fillDeadline, order.fillDeadline);
        assertEq(resolved.orderId, id);
        assertEq(resolved.maxSpent.length, 1);
        assertEq(resolved.maxSpent[0].token, bytes32(uint256(uint160(address(pay.dollar)))));
        assertEq(resolved.maxSpent[0].amount, order.payAmount);
        assertEq(resolved.maxSpent[0].recipient, bytes32(uint256(uint160(address(pay.repayment)))));
        assertEq(resolved.maxSpent[0].chainId, pay.chainId, "a chain id, not a domain");
        assertEq(resolved.minReceived.length, 1);
        assertEq(resolved.minReceived[0].token, bytes32(uint256(uint160(address(home.ether_)))));
        assertEq(resolved.minReceived[0].amount, 2.6 ether);
        assertEq(resolved.minReceived[0].chainId, home.chainId);
        assertEq(resolved.fillInstructions.length, 1);
        assertEq(resolved.fillInstructions[0].destinationChainId, pay.chainId);
        assertEq(resolved.fillInstructions[0].destinationSettler, bytes32(uint256(uint160(address(pay.repayment)))));
        assertEq(resolved.fillInstructions[0].originData, Encodings.bill(order));
        assertEq(keccak256(abi.encode(resolver.resolve(_wrapped(order)))), keccak256(abi.encode(resolved)));

        vm.warp(order.exclusiveUntil);
        assertEq(resolver.resolve(order).minReceived[0].recipient, bytes32(uint256(uint160(alice.payout))));
        vm.warp(order.exclusiveUntil + 1);
        assertEq(resolver.resolve(order).minReceived[0].recipient, 0, "open to all");
    }

    /// Every field of an order is one word, so a field added to one and not the other shows.
    function test_TheOrdersTypeNamesEveryField() public {
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        assertEq(vm.split(resolver.ORDER_TYPE(), ",").length, abi.encode(order).length / 32);
        assertEq(resolver.ORDER_DATA_TYPE(), keccak256(bytes(resolver.ORDER_TYPE())));
    }

    function test_AnnouncedOnceByTheStandardsEvent() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        OnchainCrossChainOrder memory wrapped = _wrapped(order);
        vm.expectEmit(address(resolver));
        emit IOriginSettler.Open(id, resolver.resolve(order));
        vm.prank(stranger);
        resolver.open(wrapped);
        assertTrue(resolver.announced(id));
        vm.expectRevert(abi.encodeWithSelector(Erc7683Resolver.AlreadyAnnounced.selector, id));
        resolver.open(wrapped);
    }

    function test_OnlyOpenOrdersResolve() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        _reportAndDeliver(pay, _fillByWinner(pay, order));
        vm.expectRevert(abi.encodeWithSelector(Erc7683Resolver.NotOpen.selector, id, OrderState.Settled));
        resolver.resolve(order);

        order.ask -= 1; // an order that does not exist
        vm.expectRevert(abi.encodeWithSelector(Erc7683Resolver.NotOpen.selector, Encodings.id(order), OrderState.None));
        resolver.resolve(order);
    }

    function test_WhatDoesNotFitIsRefused() public {
        (, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        OnchainCrossChainOrder memory wrapped = _wrapped(order);
        bytes32 expected = wrapped.orderDataType;
        wrapped.orderDataType = "another";
        vm.expectRevert(
            abi.encodeWithSelector(Erc7683Resolver.WrongOrderDataType.selector, bytes32("another"), expected)
        );
        resolver.resolve(wrapped);

        wrapped = _wrapped(order);
        wrapped.fillDeadline += 1;
        vm.expectRevert(
            abi.encodeWithSelector(Erc7683Resolver.WrongFillDeadline.selector, wrapped.fillDeadline, order.fillDeadline)
        );
        resolver.resolve(wrapped);

        resolver.setChain(PAY_DOMAIN, 0);
        vm.expectRevert(abi.encodeWithSelector(Erc7683Resolver.UnknownDomain.selector, PAY_DOMAIN));
        resolver.resolve(order);

        order.homeEscrow = stranger;
        vm.expectRevert(abi.encodeWithSelector(Erc7683Resolver.AnotherEscrowsOrder.selector, HOME_DOMAIN, stranger));
        resolver.resolve(order);
        (order.homeEscrow, order.homeDomain) = (address(home.collateral), PAY_DOMAIN);
        vm.expectRevert(
            abi.encodeWithSelector(Erc7683Resolver.AnotherEscrowsOrder.selector, PAY_DOMAIN, address(home.collateral))
        );
        resolver.resolve(order);
    }

    function test_OnlyTheAuthorityNamesChains() public {
        vm.prank(stranger);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        resolver.setChain(PAY_DOMAIN, 1);
    }
}
