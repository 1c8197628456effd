// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {SolverBonds} from "../../src/SolverBonds.sol";
import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {Intent, Landing, QuoteStatus, Route, Terms} from "../../src/types/Types.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {MockLendingAdapter} from "../base/MockLendingAdapter.sol";

/// @title A quote that its account does not stand behind: what it costs, once, and what it never costs.
contract FadesTest is GavelTest {
    uint256 internal constant PENALTY = 50e6; // 1 % of 5,000 dollars

    bytes internal position;
    Intent internal intent;

    function setUp() public override {
        super.setUp();
        position = _underwater(home, "one");
        intent = _intent(home, position);
    }

    function _landingOf(uint32 payDomain) internal view returns (Landing memory) {
        return _landingOf(home, intent, alice, 2.6 ether, payDomain);
    }

    function _revoke(Solver memory solver) internal {
        vm.prank(solver.account);
        home.dollar.approve(address(home.collateral), 0);
    }

    function _withdrawBond(Solver memory solver, uint256 amount) internal {
        vm.startPrank(solver.account);
        home.bonds.requestWithdrawal(address(home.dollar), uint128(amount));
        vm.warp(block.timestamp + BOND_DELAY);
        home.bonds.withdraw(address(home.dollar), solver.account);
        vm.stopPrank();
        vm.warp(block.timestamp - BOND_DELAY);
    }

    function _bond(Solver memory solver) internal view returns (uint256) {
        return home.bonds.balanceOf(solver.account, address(home.dollar));
    }

    function _expectFaded(Landing memory landing, uint256 index, Solver memory solver, uint256 forfeited) internal {
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.Faded(
            _digest(home, landing.intent), solver.account, _digest(home, landing.quotes[index].quote), forfeited
        );
    }

    function _expectPassedOver(Landing memory landing, uint256 index, bytes memory reason) internal {
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.PassedOver(
            _digest(home, landing.intent), _digest(home, landing.quotes[index].quote), reason
        );
    }

    function _expectSuspended(Landing memory landing) internal {
        _expectPassedOver(
            landing, 0, abi.encodeWithSelector(ICollateralEscrow.QuoteRefused.selector, QuoteStatus.Suspended)
        );
    }

    // ---- what a fade costs ----

    function test_Local_AllowanceTakenBack() public {
        _revoke(alice);
        Landing memory landing = _landingOf(HOME_DOMAIN);
        uint256 balance = home.dollar.balanceOf(alice.account);
        uint256 assets = home.vault.totalAssets();
        vm.expectEmit(address(home.bonds));
        emit SolverBonds.Suspended(alice.account, uint64(block.timestamp + 1 hours));
        vm.expectEmit(address(home.bonds));
        emit SolverBonds.Forfeited(alice.account, address(home.dollar), address(home.vault), PENALTY);
        _expectFaded(landing, 0, alice, PENALTY);
        _expectPassedOver(
            landing, 0, abi.encodeWithSelector(ICollateralEscrow.PaymentUnavailable.selector, balance, 0, 5002e6)
        );
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 0, "the fade stands though nothing landed");
        assertEq(_bond(alice), 49_950e6);
        assertEq(home.vault.reserve(), PENALTY, "for the reserve");
        assertEq(home.vault.totalAssets(), assets, "never the share price");
        assertEq(home.bonds.suspendedUntil(alice.account), block.timestamp + 1 hours);
        assertTrue(home.collateral.hasFaded(_digest(home, intent), alice.account));
        assertFalse(home.collateral.hasFaded(_digest(home, intent), bob.account));
        assertEq(home.dollar.balanceOf(alice.account), balance, "nothing but the bond pays");
    }

    function test_Local_BalanceSpent() public {
        uint256 balance = home.dollar.balanceOf(alice.account);
        vm.prank(alice.account);
        home.dollar.transfer(stranger, balance - 5002e6 + 1);
        Landing memory landing = _landingOf(HOME_DOMAIN);
        _expectFaded(landing, 0, alice, PENALTY);
        _land(home, landing);
    }

    function test_Local_ExactlyThePaymentIsNoFault() public {
        uint256 balance = home.dollar.balanceOf(alice.account);
        vm.startPrank(alice.account);
        home.dollar.transfer(stranger, balance - 5002e6);
        home.dollar.approve(address(home.collateral), 5002e6);
        vm.stopPrank();
        (uint8 landed,) = _land(home, _landingOf(HOME_DOMAIN));
        assertEq(landed, 1);
        assertEq(_bond(alice), 50_000e6);
    }

    function test_Remote_BondBelowTheRequirement() public {
        _withdrawBond(alice, 49_501e6); // 499 are left, 500 are needed
        Landing memory landing = _landingOf(PAY_DOMAIN);
        _expectFaded(landing, 0, alice, PENALTY);
        _expectPassedOver(landing, 0, abi.encodeWithSelector(ICollateralEscrow.BondUnavailable.selector, 499e6, 500e6));
        _land(home, landing);
        assertEq(_bond(alice), 449e6);
    }

    function test_Remote_ExactlyTheRequirementIsNoFault() public {
        _withdrawBond(alice, 49_500e6);
        (uint8 landed,) = _land(home, _landingOf(PAY_DOMAIN));
        assertEq(landed, 1);
    }

    function test_NoMoreThanTheFreeBond() public {
        _withdrawBond(alice, 49_980e6);
        Landing memory landing = _landingOf(PAY_DOMAIN);
        _expectFaded(landing, 0, alice, 20e6);
        _land(home, landing);
        assertEq(_bond(alice), 0);
    }

    function test_WithoutBondThereIsStillTheSuspension() public {
        _withdrawBond(alice, 50_000e6);
        _revoke(alice);
        Landing memory landing = _landingOf(HOME_DOMAIN);
        _expectFaded(landing, 0, alice, 0);
        _land(home, landing);
        assertEq(home.bonds.suspendedUntil(alice.account), block.timestamp + 1 hours);
        assertEq(home.vault.reserve(), 0);
    }

    function test_BondsOfOpenOrdersAreNotTouched() public {
        _openOne(home, pay, "other", 2.6 ether);
        _withdrawBond(alice, 49_500e6);
        assertEq(home.bonds.freeOf(alice.account, address(home.dollar)), 0);
        Landing memory landing = _landingOf(PAY_DOMAIN);
        _expectFaded(landing, 0, alice, 0);
        _land(home, landing);
        assertEq(home.bonds.lockedOf(alice.account, address(home.dollar)), 500e6);
    }

    function test_ThePenaltyIsAPartOfWhatWasPromised_NotOfWhatIsLeft() public {
        _underwaterWith(home, "one", 2000e6, 1.1 ether);
        _revoke(alice);
        Landing memory landing = _landingOf(HOME_DOMAIN);
        _expectFaded(landing, 0, alice, PENALTY);
        _land(home, landing);
    }

    function test_NextQuoteLands() public {
        _revoke(alice);
        Landing memory landing = _landingOfThree(
            home, intent, [uint256(2.5 ether), 2.6 ether, 2.7 ether], [HOME_DOMAIN, PAY_DOMAIN, HOME_DOMAIN]
        );
        _expectFaded(landing, 0, alice, PENALTY);
        (uint8 landed, bytes32 orderId) = _land(home, landing);
        assertEq(landed, 2);
        assertTrue(orderId != 0);
        assertEq(_bond(bob), 50_000e6);
    }

    function test_TwoFadesInOneLanding() public {
        _revoke(alice);
        _withdrawBond(bob, 49_900e6);
        Landing memory landing = _landingOfThree(
            home, intent, [uint256(2.5 ether), 2.6 ether, 2.7 ether], [HOME_DOMAIN, PAY_DOMAIN, HOME_DOMAIN]
        );
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 3);
        assertEq(_bond(alice), 49_950e6);
        assertEq(_bond(bob), 50e6);
        assertEq(home.vault.reserve(), 2 * PENALTY);
    }

    // ---- once ----

    function test_Attack_FadeReplayedAcrossLandings() public {
        _revoke(alice);
        Landing memory landing = _landingOf(HOME_DOMAIN);
        _land(home, landing);
        for (uint256 i; i < 3; ++i) {
            _land(home, landing);
        }
        landing.attempt = 2; // a second certificate over the same intent
        _certify(home, landing, 2);
        _land(home, landing);
        assertEq(_bond(alice), 49_950e6);
        assertEq(home.vault.reserve(), PENALTY);
    }

    function test_OncePerIntent_EachPromiseCounts() public {
        bytes memory second = _underwater(home, "two");
        Intent memory other = _intent(home, second);
        _revoke(alice);
        Landing memory otherLanding = _landingOf(home, other, alice, 2.6 ether, HOME_DOMAIN);
        vm.warp(block.timestamp + 2);
        _land(home, _landingOf(HOME_DOMAIN));
        // The other promise was made before the suspension, which is no way out of it.
        _expectFaded(otherLanding, 0, alice, PENALTY);
        _land(home, otherLanding);
        assertEq(_bond(alice), 49_900e6);
    }

    // ---- suspension ----

    function test_Suspended_PassedOverUnpunished() public {
        _revoke(alice);
        _land(home, _landingOf(HOME_DOMAIN));
        vm.warp(block.timestamp + 1);
        intent = _intent(home, position);
        Landing memory landing = _landingOf(HOME_DOMAIN);
        _expectSuspended(landing);
        _land(home, landing);
        assertEq(_bond(alice), 49_950e6);
        assertEq(home.vault.reserve(), PENALTY);
        assertFalse(home.collateral.hasFaded(_digest(home, intent), alice.account));
    }

    function test_Suspended_ForAnHour() public {
        _revoke(alice);
        _land(home, _landingOf(HOME_DOMAIN));
        uint256 fadedAt = block.timestamp;
        vm.prank(alice.account);
        home.dollar.approve(address(home.collateral), type(uint256).max);
        vm.warp(fadedAt + 1 hours - 1);
        intent = _intent(home, position);
        Landing memory landing = _landingOf(HOME_DOMAIN);
        _expectSuspended(landing);
        _land(home, landing);
        vm.warp(fadedAt + 1 hours);
        intent = _intent(home, position);
        (uint8 landed,) = _land(home, _landingOf(HOME_DOMAIN));
        assertEq(landed, 1);
    }

    /// A small fade must not be the way out of a large promise.
    function test_Attack_SuspendOneselfOutOfAPromise() public {
        Intent memory large = intent;
        Intent memory small = _intent(home, _underwaterWith(home, "small", 20e6, 0.011 ether));
        Landing memory promised = _landingOf(home, large, alice, 2.6 ether, HOME_DOMAIN);
        _revoke(alice);
        vm.warp(block.timestamp + 2);
        _land(home, _landingOf(home, small, alice, 0.01 ether, HOME_DOMAIN));
        assertEq(_bond(alice), 50_000e6 - 0.2e6);
        vm.warp(block.timestamp + 5);
        _expectFaded(promised, 0, alice, PENALTY);
        _land(home, promised);
        assertEq(_bond(alice), 50_000e6 - 0.2e6 - PENALTY);
    }

    /// A later fade prolongs a running suspension and does not move its start.
    function test_Suspended_KeepsItsStart() public {
        Intent memory before = _intent(home, _underwater(home, "two"));
        Landing memory promised = _landingOf(home, before, alice, 2.6 ether, HOME_DOMAIN);
        _revoke(alice);
        vm.warp(block.timestamp + 2);
        _land(home, _landingOf(HOME_DOMAIN));
        uint256 first = block.timestamp;
        vm.warp(first + 2);
        intent = _intent(home, position);
        Landing memory during = _landingOf(HOME_DOMAIN);
        vm.warp(first + 5);
        _land(home, promised);
        assertEq(home.bonds.suspendedUntil(alice.account), first + 5 + 1 hours);
        _expectSuspended(during);
        _land(home, during);
    }

    function test_Suspended_NobodyElse() public {
        _revoke(alice);
        _land(home, _landingOf(HOME_DOMAIN));
        vm.warp(block.timestamp + 1);
        (uint8 landed,) = _land(home, _landingOf(home, _intent(home, position), bob, 2.6 ether, HOME_DOMAIN));
        assertEq(landed, 1);
        assertEq(home.bonds.suspendedUntil(bob.account), 0);
    }

    // ---- no fault, no fade ----

    function _expectUnpunished(Landing memory landing) internal {
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 0);
        assertEq(_bond(alice), 50_000e6);
        assertEq(home.bonds.suspendedUntil(alice.account), 0);
        assertEq(home.vault.reserve(), 0);
    }

    function test_Unpunished_ProtocolRefuses() public {
        home.adapter.setMode(MockLendingAdapter.Mode.Reverting);
        _expectUnpunished(_landingOf(HOME_DOMAIN));
        _expectUnpunished(_landingOf(PAY_DOMAIN));
    }

    function test_Unpunished_VaultShort() public {
        home.registry.lowerCaps(MARKET, address(home.dollar), 0, 2_000_000e6);
        _expectUnpunished(_landingOf(PAY_DOMAIN));
    }

    function test_Unpunished_PriceMoved() public {
        _underwaterWith(home, "one", 5000e6, 2.59 ether);
        _expectUnpunished(_landingOf(HOME_DOMAIN));
        _expectUnpunished(_landingOf(PAY_DOMAIN));
    }

    function test_Unpunished_RouteOff() public {
        Route memory off = _route(pay);
        off.enabled = false;
        home.registry.setRoute(MARKET, address(home.dollar), PAY_DOMAIN, off);
        _expectUnpunished(_landingOf(PAY_DOMAIN));
    }

    /// An account that cancelled in time owes nothing, at any balance.
    function test_Unpunished_EpochRaisedBeforeQuoteBy() public {
        vm.warp(block.timestamp + 1);
        intent = _intent(home, position);
        Landing memory landing = _landingOf(HOME_DOMAIN);
        vm.warp(block.timestamp - 1);
        vm.prank(alice.account);
        home.bonds.raiseEpoch();
        _revoke(alice);
        vm.warp(block.timestamp + 1);
        _expectUnpunished(landing);
    }

    function test_Unpunished_NoFadePenaltyInTheTerms() public {
        Terms memory rules = _terms(home);
        rules.fadeBps = 0;
        home.registry.setTerms(MARKET, rules);
        _revoke(alice);
        _land(home, _landingOf(HOME_DOMAIN));
        assertEq(_bond(alice), 50_000e6);
        assertGt(home.bonds.suspendedUntil(alice.account), 0, "suspended all the same");
    }

    // ---- the lock ----

    function test_BondsStandStillDuringALanding() public {
        vm.prank(alice.account);
        home.bonds.requestWithdrawal(address(home.dollar), 1);
        vm.warp(block.timestamp + BOND_DELAY);
        intent = _intent(home, position);
        Landing memory landing = _landingOf(HOME_DOMAIN);
        home.adapter
            .setCallback(address(home.bonds), abi.encodeCall(home.bonds.deposit, (stranger, address(home.dollar), 1)));
        _land(home, landing);
        assertFalse(home.adapter.callbackOk());
        assertEq(home.adapter.callbackReturned(), abi.encodeWithSelector(SolverBonds.EscrowLocked.selector));
        assertFalse(home.collateral.locked());

        _underwater(home, "one");
        intent = _intent(home, position);
        home.adapter
            .setCallback(address(home.bonds), abi.encodeCall(home.bonds.withdraw, (address(home.dollar), stranger)));
        _land(home, _landingOf(HOME_DOMAIN));
        assertEq(home.adapter.callbackReturned(), abi.encodeWithSelector(SolverBonds.EscrowLocked.selector));
    }
}
