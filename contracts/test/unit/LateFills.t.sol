// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {Fill, HeldBond, Landing, Order, OrderState} from "../../src/types/Types.sol";
import {Encodings} from "../base/Encodings.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {MoodyToken} from "../base/MockTokens.sol";

/// @title Payments of the public phase, and the winner's late penalty.
/// @notice One order: asks of 2.6 to 2.7225 ether, a late penalty of 25 dollars of bounty and up to 245 for the rise.
contract LateFillsTest is GavelTest {
    uint256 internal constant BOUNTY = 25e6;
    uint256 internal constant FULL = 270e6;
    uint256 internal constant BOND = 500e6;

    bytes32 internal id;
    Order internal order;

    function setUp() public override {
        super.setUp();
        Order memory opened;
        (id, opened) = _openOne(home, pay, "one", 2.6 ether);
        order = opened;
    }

    function _fact(address beneficiary, uint256 ask, uint256 filledAt) internal view returns (Fill memory) {
        return Fill(order, stranger, beneficiary, uint128(ask), uint64(filledAt));
    }

    function _handle(Fill memory facts) internal {
        vm.prank(address(home.mailbox));
        home.collateral.handle(PAY_DOMAIN, _word(address(pay.repayment)), Encodings.reportBody(_one(facts), address(0)));
    }

    function _locked() internal view returns (uint256) {
        return home.bonds.lockedOf(alice.account, address(home.dollar));
    }

    function test_InTime_TheWholeBondIsFree() public {
        _handle(_fact(stranger, order.ask, order.exclusiveUntil));
        assertEq(_locked(), 0);
        assertEq(home.collateral.heldBonds(id).readyAt, 0);
    }

    function test_Late_HoldsThePenaltyAndFreesTheRest() public {
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.BondHeld(id, alice.account, BOUNTY, uint64(block.timestamp), stranger);
        _handle(_fact(stranger, order.ask, order.exclusiveUntil + 1));
        assertEq(uint8(_stateOf(home, id)), uint8(OrderState.Settled));
        assertEq(_locked(), BOUNTY, "at the winner's own ask the bounty is all");
        HeldBond memory held = home.collateral.heldBonds(id);
        assertEq(held.bountyTo, stranger);
        assertEq(held.amount, BOUNTY);
        assertEq(held.shortfall, 0);
    }

    function test_Late_PenaltyGrowsWithTheAsk() public {
        _handle(_fact(stranger, 2.661_25 ether, order.exclusiveUntil + 300));
        assertEq(_locked(), BOUNTY + 122.5e6);
    }

    function test_Late_AtTheHighestAsk() public {
        _handle(_fact(stranger, order.maxAsk, order.fillDeadline));
        assertEq(_locked(), FULL);
    }

    function test_Late_BountyToTheBeneficiaryRestToTheReserve() public {
        _handle(_fact(stranger, order.maxAsk, order.fillDeadline));
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.BondForfeited(id, alice.account, FULL, BOUNTY, stranger);
        home.collateral.forfeit(order); // at once: nothing more can come
        assertEq(home.dollar.balanceOf(stranger), BOUNTY);
        assertEq(home.vault.reserve(), FULL - BOUNTY);
        assertEq(home.bonds.balanceOf(alice.account, address(home.dollar)), 50_000e6 - FULL);
        assertEq(_locked(), 0);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NothingHeld.selector, id));
        home.collateral.forfeit(order);
    }

    /// Through the real pay side: overtaking oneself with another identity costs more than it brings.
    function test_Attack_OvertakingOneselfForTheBounty() public {
        address other = makeAddr("alice's other self");
        pay.dollar.mint(other, order.payAmount);
        vm.prank(other);
        pay.dollar.approve(address(pay.repayment), order.payAmount);
        vm.warp(order.fillDeadline);
        Fill memory facts = _fill(pay, order, other, other);
        _reportAndDeliver(pay, facts);
        home.collateral.forfeit(order);
        uint256 gained = home.ether_.balanceOf(other) - order.ask;
        // at the price at which the whole of seizable is worth the repaid debt and the bonus
        uint256 worth = gained * 5500e6 / 2.75 ether;
        uint256 lost = 50_000e6 - home.bonds.balanceOf(alice.account, address(home.dollar));
        assertGe(lost, worth + home.dollar.balanceOf(other));
    }

    function test_Attack_BidOneUnitThenFillLate() public {
        (bytes32 cheap, Order memory bid) = _openOne(home, pay, "two", 1);
        vm.warp(bid.fillDeadline);
        Fill memory facts = _fill(pay, bid, alice.account, alice.payout);
        assertEq(facts.ask, bid.maxAsk);
        _reportAndDeliver(pay, facts);
        (uint256 amount, uint256 bounty) = home.collateral.forfeit(bid);
        assertEq(bounty, 0, "the winner is the defaulter");
        assertEq(amount, bid.latePenalty);
        assertGe(amount, BOUNTY + uint256(bid.maxAsk - 1) * 5500e6 / 2.75 ether);
        assertEq(home.collateral.heldBonds(cheap).readyAt, 0);
    }

    function test_Late_TheWinnersOwnFillToo() public {
        vm.warp(order.exclusiveUntil + 1);
        Fill memory facts = _fillByWinner(pay, order);
        _reportAndDeliver(pay, facts);
        assertGe(_locked(), BOUNTY);
        (, uint256 bounty) = home.collateral.forfeit(order);
        assertEq(bounty, 0);
    }

    function test_Late_AfterExpiryBeforeTheSale() public {
        vm.warp(order.expiresAt + 1);
        home.collateral.expire(order);
        _handle(_fact(stranger, order.maxAsk, order.fillDeadline));
        assertEq(uint8(_stateOf(home, id)), uint8(OrderState.Settled));
        assertEq(_locked(), FULL);
    }

    function test_Late_ReportedAgainHoldsNothingMore() public {
        Fill memory facts = _fact(stranger, order.maxAsk, order.fillDeadline);
        _handle(facts);
        home.collateral.forfeit(order);
        _handle(facts);
        assertEq(home.collateral.heldBonds(id).readyAt, 0);
        assertEq(_locked(), 0);
    }

    function test_Late_AReportInTimeDoesNotFreeASettledOnesPenalty() public {
        _handle(_fact(stranger, order.maxAsk, order.fillDeadline));
        _handle(_fact(stranger, order.ask, order.exclusiveUntil));
        assertEq(_locked(), FULL);
    }

    function test_Late_NoRise() public {
        (, Order memory highest) = _openOne(home, pay, "two", 2.75 ether);
        assertEq(highest.maxAsk, highest.ask);
        order = highest;
        uint256 before = _locked();
        _handle(_fact(stranger, highest.ask, highest.fillDeadline));
        assertEq(before - _locked(), highest.bond - highest.latePenalty);
        assertEq(highest.latePenalty, BOUNTY);
    }

    /// The bond always covers what a fill forfeits, and the penalty what it must.
    function testFuzz_PenaltyIsEnoughAndCovered(uint256 ask, uint256 fillAsk) public {
        ask = bound(ask, 0, 27_500) * 1e14;
        Landing memory landing = _landingOf(home, _intent(home, _underwater(home, "fuzz")), bob, ask, PAY_DOMAIN);
        (bytes32 fuzzed, Order memory opened) = _open(home, landing);
        fillAsk = bound(fillAsk, opened.ask, opened.maxAsk);
        order = opened;
        _handle(_fact(stranger, fillAsk, opened.fillDeadline));
        uint256 penalty = home.collateral.heldBonds(fuzzed).amount;
        assertLe(penalty, opened.bond);
        assertEq(penalty, home.bonds.lockedOf(bob.account, address(home.dollar)));
        assertGe(penalty, BOUNTY + (fillAsk - opened.ask) * 5500e6 / 2.75 ether);
    }
}

/// @title A debt token that refuses the bounty's recipient, or every account.
contract BountyPushTest is GavelTest {
    MoodyToken internal moody;

    /// @dev The same world, with a moody dollar at home.
    function test_RefusedBountyBecomesACredit() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        moody = new MoodyToken(6);
        vm.etch(address(home.dollar), address(moody).code);
        moody = MoodyToken(address(home.dollar));
        moody.setMood(stranger, MoodyToken.Mood.BurningGas);
        Fill memory facts = Fill(order, stranger, stranger, order.maxAsk, order.fillDeadline);
        vm.prank(address(home.mailbox));
        home.collateral.handle(PAY_DOMAIN, _word(address(pay.repayment)), Encodings.reportBody(_one(facts), address(0)));
        (, uint256 bounty) = home.collateral.forfeit(order);
        assertEq(bounty, 25e6);
        assertEq(home.collateral.credits(address(moody), stranger), 25e6);
        assertEq(moody.balanceOf(address(home.collateral)), 25e6);
        vm.prank(stranger);
        home.collateral.claim(address(moody), keeper);
        assertEq(home.collateral.heldBonds(id).readyAt, 0);
    }

    /// A debt token that stops altogether delays the forfeit and nothing else: the report settles.
    function test_AFrozenDebtTokenDoesNotStopSettlement() public {
        (bytes32 id, Order memory order) = _openOne(home, pay, "one", 2.6 ether);
        moody = new MoodyToken(6);
        vm.etch(address(home.dollar), address(moody).code);
        moody = MoodyToken(address(home.dollar));
        moody.setMood(address(home.vault), MoodyToken.Mood.Reverting);
        Fill memory facts = Fill(order, stranger, stranger, order.maxAsk, order.fillDeadline);
        vm.prank(address(home.mailbox));
        home.collateral.handle(PAY_DOMAIN, _word(address(pay.repayment)), Encodings.reportBody(_one(facts), address(0)));
        assertEq(uint8(_stateOf(home, id)), uint8(OrderState.Settled));
        vm.expectRevert();
        home.collateral.forfeit(order);
        moody.setMood(address(home.vault), MoodyToken.Mood.Willing);
        home.collateral.forfeit(order);
    }
}
