// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BackstopVault} from "../../src/BackstopVault.sol";
import {MarketRegistry} from "../../src/MarketRegistry.sol";
import {SolverBonds} from "../../src/SolverBonds.sol";
import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {BoundedCall} from "../../src/libraries/BoundedCall.sol";
import {Landings} from "../../src/libraries/Landings.sol";
import {
    DebtTerms,
    Intent,
    Landing,
    Order,
    OrderState,
    Quote,
    QuoteStatus,
    Route,
    SignedQuote,
    Terms,
    Trial
} from "../../src/types/Types.sol";
import {Encodings} from "../base/Encodings.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {MockLendingAdapter} from "../base/MockLendingAdapter.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

contract CollateralEscrowLandTest is GavelTest {
    bytes internal position;
    Intent internal intent;

    function setUp() public override {
        super.setUp();
        position = _underwater(home, "one");
        intent = _intent(home, position);
    }

    function _local(uint256 ask) internal view returns (Landing memory) {
        return _landingOf(home, intent, alice, ask, home.domain);
    }

    function _remote(uint256 ask) internal view returns (Landing memory) {
        return _landingOf(home, intent, alice, ask, pay.domain);
    }

    /// @dev Expects the only quote of a landing to be passed over, for exactly this reason.
    function _expectPassedOver(Landing memory landing, bytes memory reason) internal {
        _expectPassedOver(landing, 0, reason);
        uint256 round = home.collateral.rounds(_positionKey(position));
        (uint8 landed, bytes32 orderId) = _land(home, landing);
        assertEq(landed, 0);
        assertEq(orderId, 0);
        assertEq(home.collateral.rounds(_positionKey(position)), round, "a passed-over quote uses no round");
    }

    function _expectPassedOver(Landing memory landing, uint256 index, bytes memory reason) internal {
        bytes32 quote = _digest(home, landing.quotes[index].quote);
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.PassedOver(_digest(home, landing.intent), quote, reason);
    }

    function _expectRefused(Landing memory landing, bytes memory reason) internal {
        vm.expectRevert(reason);
        _land(home, landing);
    }

    // ---- a local landing ----

    function test_Local_PaysLiquidatesAndHandsOut() public {
        uint256 before = home.dollar.balanceOf(alice.account);
        Landing memory landing = _local(2.6 ether);
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.Liquidated(
            _digest(home, intent),
            _digest(home, landing.quotes[0].quote),
            _positionKey(position),
            alice.account,
            5000e6,
            2.75 ether,
            2.6 ether
        );
        (uint8 landed, bytes32 orderId) = _land(home, landing);
        assertEq(landed, 1);
        assertEq(orderId, 0);
        assertEq(before - home.dollar.balanceOf(alice.account), 5002e6, "repay and keeper fee");
        assertEq(home.dollar.balanceOf(keeper), 2e6);
        assertEq(home.dollar.balanceOf(home.adapter.LENDER()), 5000e6);
        assertEq(home.ether_.balanceOf(alice.payout), 2.6 ether);
        assertEq(_surplusOf(home, position), 0.12 ether);
        assertEq(_creditOf(home, protocolTreasury), 0.03 ether);
        assertEq(home.ether_.balanceOf(address(home.collateral)), 0.15 ether);
        assertEq(home.dollar.balanceOf(address(home.collateral)), 0);
        assertEq(home.collateral.rounds(_positionKey(position)), 1);
        assertEq(home.adapter.lastWanted(), 2.6 ether, "no more than the ask is wanted");
    }

    function test_Local_ExactAdapterLeavesTheRestInThePosition() public {
        home.adapter.setExact(true);
        _land(home, _local(2.6 ether));
        assertEq(home.ether_.balanceOf(alice.payout), 2.6 ether);
        assertEq(_surplusOf(home, position), 0);
        assertEq(home.ether_.balanceOf(address(home.collateral)), 0);
    }

    function test_Local_PartialRepayScalesAskAndRefunds() public {
        home.adapter.setTaken(3333);
        uint256 before = home.dollar.balanceOf(alice.account);
        _land(home, _local(2.6 ether));
        uint256 repaid = 5000e6 * 3333 / 10_000;
        assertEq(before - home.dollar.balanceOf(alice.account), repaid + 2e6, "the keeper fee is paid whole");
        uint256 ask = (2.6 ether * repaid + 5000e6 - 1) / 5000e6;
        assertEq(home.ether_.balanceOf(alice.payout), ask);
        assertEq(home.dollar.balanceOf(address(home.collateral)), 0);
    }

    function test_Local_ZeroAskAndZeroKeeperFee() public {
        DebtTerms memory rules = _debtTerms(home);
        rules.keeperFee = 0;
        home.registry.setDebtTerms(MARKET, address(home.dollar), rules);
        _land(home, _local(0));
        assertEq(home.dollar.balanceOf(keeper), 0);
        assertEq(home.ether_.balanceOf(alice.payout), 0);
        assertEq(_surplusOf(home, position) + _creditOf(home, protocolTreasury), 2.75 ether);
    }

    function test_Local_AskOfAllSeizableLeavesNoSurplus() public {
        _land(home, _local(2.75 ether));
        assertEq(home.ether_.balanceOf(alice.payout), 2.75 ether);
        assertEq(_surplusOf(home, position), 0);
        assertEq(_creditOf(home, protocolTreasury), 0);
    }

    function test_Local_ProtocolAllowsLessThanTheIntent() public {
        _underwaterWith(home, "one", 2000e6, 1.1 ether);
        uint256 before = home.dollar.balanceOf(alice.account);
        _land(home, _local(2.6 ether));
        assertEq(before - home.dollar.balanceOf(alice.account), 2002e6);
        assertEq(home.ether_.balanceOf(alice.payout), 1.04 ether);
    }

    function test_Local_ProtocolAllowsMoreThanTheIntent() public {
        _underwaterWith(home, "one", 10_000e6, 5.5 ether);
        _land(home, _local(2.6 ether));
        assertEq(home.dollar.balanceOf(home.adapter.LENDER()), 5000e6, "never more than the quote is a price for");
    }

    // ---- a remote landing ----

    function test_Remote_FrontsLocksAndOpens() public {
        uint256 idle = home.vault.idle();
        (bytes32 id, Order memory order) = _open(home, _remote(2.6 ether));
        assertEq(id, Encodings.id(order));
        assertEq(uint8(_stateOf(home, id)), uint8(OrderState.Open));
        assertEq(_seizedOf(home, id), 2.75 ether);
        assertEq(home.ether_.balanceOf(address(home.collateral)), 2.75 ether);
        assertEq(idle - home.vault.idle(), 5002e6);
        assertEq(home.vault.receivables(), 5002e6);
        assertEq(home.vault.openPrincipal(MARKET), 5002e6);
        assertEq(home.dollar.balanceOf(keeper), 2e6);
        assertEq(home.bonds.lockedOf(alice.account, address(home.dollar)), order.bond);
        assertEq(home.collateral.rounds(_positionKey(position)), 1);
        assertEq(home.adapter.lastWanted(), 2.75 ether, "the whole lot secures the vault");
    }

    function test_Remote_OrderCarriesTheRules() public {
        (, Order memory order) = _open(home, _remote(2.6 ether));
        assertEq(order.intent, _digest(home, intent));
        assertEq(order.market, MARKET);
        assertEq(order.positionKey, _positionKey(position));
        assertEq(order.homeDomain, HOME_DOMAIN);
        assertEq(order.homeEscrow, address(home.collateral));
        assertEq(order.payDomain, PAY_DOMAIN);
        assertEq(order.payEscrow, address(pay.repayment));
        assertEq(order.collateral, address(home.ether_));
        assertEq(order.debt, address(home.dollar));
        assertEq(order.payToken, address(pay.dollar));
        assertEq(order.treasury, vaultTreasury);
        assertEq(order.solver, alice.account);
        assertEq(order.payout, alice.payout);
        assertEq(order.terms, 1);
        assertEq(order.repaid, 5000e6);
        assertEq(order.keeperFee, 2e6);
        assertEq(order.routeFee, 2.5e6);
        assertEq(order.payAmount, 5004.5e18, "6 decimals here, 18 there");
        assertEq(order.ask, 2.6 ether);
        assertEq(order.maxAsk, 2.7225 ether, "99 % of seizable");
        // bounty 25 dollars; the rise of 0.1225 ether is worth 0.1225 / 2.75 of 5,500 dollars, 245
        assertEq(order.latePenalty, 270e6);
        assertEq(order.bond, 500e6, "the stress move is the larger");
        assertEq(order.openBy, intent.openBy);
        assertEq(order.exclusiveUntil, intent.openBy + 125);
        assertEq(order.fillDeadline, intent.openBy + 725);
        assertEq(order.expiresAt, intent.openBy + 4325);
    }

    function test_Remote_BondIsLatePenaltyWhenLarger() public {
        (, Order memory order) = _open(home, _remote(1 ether));
        assertEq(order.bond, order.latePenalty);
        assertEq(order.latePenalty, 25e6 + 3445e6, "bounty, and 1.7225 / 2.75 of 5,500 dollars");
    }

    function test_Remote_PartialRepayGivesBack() public {
        home.adapter.setTaken(6000);
        uint256 idle = home.vault.idle();
        (bytes32 id, Order memory order) = _open(home, _remote(2.6 ether));
        assertEq(order.repaid, 3000e6);
        assertEq(order.ask, 1.56 ether);
        assertEq(order.maxAsk, 1.6335 ether);
        assertEq(order.routeFee, 1.5e6);
        assertEq(order.payAmount, 3003.5e18);
        assertEq(idle - home.vault.idle(), 3002e6);
        assertEq(home.vault.openPrincipal(MARKET), 3002e6);
        assertEq(home.dollar.balanceOf(address(home.vault)), home.vault.idle());
        assertEq(_seizedOf(home, id), 1.65 ether);
    }

    function test_Remote_IdDoesNotMoveWithTheSeizedAmount() public {
        uint256 snapshot = cheats.snapshotState();
        (bytes32 first,) = _open(home, _remote(2.6 ether));
        cheats.revertToState(snapshot);
        _underwaterWith(home, "one", 5000e6, 2.8 ether);
        (bytes32 second,) = _open(home, _remote(2.6 ether));
        assertEq(first, second);
        assertEq(_seizedOf(home, second), 2.8 ether);
    }

    function test_Remote_NoReplayOfTheSameLanding() public {
        Landing memory landing = _remote(2.6 ether);
        _open(home, landing);
        _underwater(home, "one");
        _expectRefused(landing, abi.encodeWithSelector(ICollateralEscrow.WrongRound.selector, 0, 1));
    }

    function test_NextRoundLands() public {
        _land(home, _local(2.6 ether));
        _underwater(home, "one");
        intent = _intent(home, position);
        assertEq(intent.round, 1);
        (uint8 landed,) = _land(home, _local(2.6 ether));
        assertEq(landed, 1);
        assertEq(home.collateral.rounds(_positionKey(position)), 2);
    }

    // ---- quotes in order ----

    function test_Ranking_FirstThatCanLandWins() public {
        Landing memory landing = _landingOfThree(
            home, intent, [uint256(2.5 ether), 2.6 ether, 2.7 ether], [HOME_DOMAIN, PAY_DOMAIN, HOME_DOMAIN]
        );
        vm.prank(alice.account);
        home.dollar.approve(address(home.collateral), 0);
        uint256 balance = home.dollar.balanceOf(alice.account);
        _expectPassedOver(
            landing, 0, abi.encodeWithSelector(ICollateralEscrow.PaymentUnavailable.selector, balance, 0, 5002e6)
        );
        (uint8 landed, bytes32 orderId) = _land(home, landing);
        assertEq(landed, 2);
        assertTrue(orderId != 0);
    }

    function test_Ranking_ThirdAfterTwoFaults() public {
        Landing memory landing = _landingOfThree(
            home, intent, [uint256(2.5 ether), 2.6 ether, 2.7 ether], [HOME_DOMAIN, PAY_DOMAIN, HOME_DOMAIN]
        );
        vm.prank(alice.account);
        home.dollar.approve(address(home.collateral), 0);
        _drainBond(bob);
        (uint8 landed, bytes32 orderId) = _land(home, landing);
        assertEq(landed, 3);
        assertEq(orderId, 0);
        assertEq(home.ether_.balanceOf(carol.payout), 2.7 ether);
    }

    function test_Ranking_AllFaultyLandsNothing() public {
        Landing memory landing = _landingOfThree(
            home, intent, [uint256(2.5 ether), 2.6 ether, 2.7 ether], [HOME_DOMAIN, HOME_DOMAIN, HOME_DOMAIN]
        );
        home.adapter.setMode(MockLendingAdapter.Mode.Reverting);
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 0);
        assertEq(home.dollar.balanceOf(keeper), 0, "no landing, no fee");
        assertEq(home.collateral.rounds(_positionKey(position)), 0);

        home.adapter.setMode(MockLendingAdapter.Mode.Normal);
        (landed,) = _land(home, landing);
        assertEq(landed, 1, "the award stays landable until openBy");
    }

    function _drainBond(Solver memory solver) internal {
        vm.startPrank(solver.account);
        home.bonds.requestWithdrawal(address(home.dollar), uint128(50_000e6));
        vm.warp(block.timestamp + BOND_DELAY);
        home.bonds.withdraw(address(home.dollar), solver.account);
        vm.stopPrank();
        vm.warp(block.timestamp - BOND_DELAY);
    }

    // ---- every reason to pass a quote over ----

    function test_PassOver_PaymentUnavailable_Balance() public {
        uint256 balance = home.dollar.balanceOf(alice.account);
        vm.prank(alice.account);
        home.dollar.transfer(stranger, balance - 5001e6);
        _expectPassedOver(
            _local(2.6 ether),
            abi.encodeWithSelector(ICollateralEscrow.PaymentUnavailable.selector, 5001e6, type(uint256).max, 5002e6)
        );
    }

    function test_PassOver_PaymentUnavailable_OneShortOfTheKeeperFee() public {
        vm.prank(alice.account);
        home.dollar.approve(address(home.collateral), 5002e6 - 1);
        uint256 balance = home.dollar.balanceOf(alice.account);
        _expectPassedOver(
            _local(2.6 ether),
            abi.encodeWithSelector(ICollateralEscrow.PaymentUnavailable.selector, balance, 5002e6 - 1, 5002e6)
        );
    }

    function test_PassOver_BondUnavailable() public {
        Landing memory landing = _remote(2.6 ether);
        _drainBond(alice);
        _expectPassedOver(landing, abi.encodeWithSelector(ICollateralEscrow.BondUnavailable.selector, 0, 500e6));
    }

    function test_PassOver_AskAboveSeizable() public {
        _expectPassedOver(
            _local(2.75 ether + 1),
            abi.encodeWithSelector(ICollateralEscrow.AskAboveSeizable.selector, 2.75 ether + 1, 2.75 ether)
        );
    }

    function test_PassOver_AskAboveSeized_PriceMovedAgainstTheSolver() public {
        _underwaterWith(home, "one", 5000e6, 2.59 ether);
        _expectPassedOver(
            _local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.AskAboveSeized.selector, 2.6 ether, 2.59 ether)
        );
    }

    function test_PassOver_LotTooSmall() public {
        _underwaterWith(home, "one", 5000e6, 2.72 ether);
        _expectPassedOver(
            _remote(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.LotTooSmall.selector, 2.72 ether, 2.7225 ether)
        );
    }

    function test_PassOver_RouteDisabled() public {
        Route memory route = _route(pay);
        route.enabled = false;
        home.registry.setRoute(MARKET, address(home.dollar), pay.domain, route);
        _expectPassedOver(
            _remote(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.RouteDisabled.selector, PAY_DOMAIN)
        );
    }

    function test_PassOver_RouteNeverSet() public {
        _expectPassedOver(
            _landingOf(home, intent, alice, 2.6 ether, 9999),
            abi.encodeWithSelector(ICollateralEscrow.RouteDisabled.selector, 9999)
        );
    }

    function test_PassOver_RepaidTooLittle() public {
        home.adapter.setTaken(2499);
        _expectPassedOver(
            _local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.RepaidTooLittle.selector, 1249.5e6, 1250e6)
        );
    }

    function test_RepaidExactlyTheMinimumPartLands() public {
        home.adapter.setTaken(2500);
        (uint8 landed,) = _land(home, _local(2.6 ether));
        assertEq(landed, 1);
    }

    function test_PassOver_RepaidTooLittle_IntentOutgrownByThePosition() public {
        _underwaterWith(home, "one", 20_001e6, 11 ether);
        _expectPassedOver(
            _local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.RepaidTooLittle.selector, 5000e6, 5000.25e6)
        );
    }

    function test_PassOver_RepaidTooLittle_TheLeastRoundsUp() public {
        _underwaterWith(home, "one", 20_000e6 + 1, 11 ether);
        _expectPassedOver(
            _local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.RepaidTooLittle.selector, 5000e6, 5000e6 + 1)
        );
    }

    function test_PassOver_RepaidNothing() public {
        Terms memory rules = _terms(home);
        rules.minPartBps = 0;
        home.registry.setTerms(MARKET, rules);
        home.adapter.setTaken(0);
        _expectPassedOver(_local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.RepaidTooLittle.selector, 0, 0));
    }

    function test_PassOver_RepaidCapExceeded_AndDrains() public {
        DebtTerms memory rules = _debtTerms(home);
        rules.capRepaid = 8000e6;
        home.registry.setDebtTerms(MARKET, address(home.dollar), rules);
        _land(home, _local(2.6 ether));
        _underwater(home, "one");
        intent = _intent(home, position);
        _expectPassedOver(
            _local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.RepaidCapExceeded.selector, 10_000e6, 8000e6)
        );
        vm.warp(block.timestamp + 900); // a quarter of the window drains 2,000 dollars
        intent = _intent(home, position);
        (uint8 landed,) = _land(home, _local(2.6 ether));
        assertEq(landed, 1);
        _underwater(home, "one");
        intent = _intent(home, position);
        // What is left of the first landing still counts beside the second.
        _expectPassedOver(
            _local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.RepaidCapExceeded.selector, 13_000e6, 8000e6)
        );
    }

    function test_RepaidCap_NoWindowCapsEachLandingOnly() public {
        Terms memory rules = _terms(home);
        rules.capWindow = 0;
        home.registry.setTerms(MARKET, rules);
        DebtTerms memory forDebt = _debtTerms(home);
        forDebt.capRepaid = 5000e6;
        home.registry.setDebtTerms(MARKET, address(home.dollar), forDebt);
        for (uint256 i; i < 3; ++i) {
            _underwater(home, "one");
            intent = _intent(home, position);
            (uint8 landed,) = _land(home, _local(2.6 ether));
            assertEq(landed, 1);
        }
    }

    function test_PassOver_AdapterMisreportsRepaid() public {
        home.adapter.setMisreport(1);
        _expectPassedOver(
            _local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.AdapterMisreported.selector, 5000e6 + 1, 0)
        );
        home.adapter.setMisreport(-1);
        _expectPassedOver(
            _remote(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.AdapterMisreported.selector, 5000e6 - 1, 0)
        );
    }

    function test_PassOver_AdapterReturnsMoreThanItGot() public {
        home.dollar.mint(address(home.adapter), 5001e6);
        home.adapter.setExtraRefund(5001e6);
        _expectPassedOver(
            _local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.AdapterMisreported.selector, 5000e6, 5001e6)
        );
    }

    function test_PassOver_AdapterHandsOutLessThanItSays() public {
        home.adapter.setHanded(9000);
        _expectPassedOver(
            _local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.AskAboveSeized.selector, 2.6 ether, 2.475 ether)
        );
    }

    function test_PassOver_ProtocolReverts() public {
        home.adapter.setMode(MockLendingAdapter.Mode.Reverting);
        bytes memory reason = abi.encodeWithSelector(MockLendingAdapter.ProtocolRefused.selector, 7);
        _expectPassedOver(_local(2.6 ether), reason);
        _expectPassedOver(_remote(2.6 ether), reason);
        assertEq(home.vault.receivables(), 0);
        assertEq(home.bonds.lockedOf(alice.account, address(home.dollar)), 0);
    }

    /// A quote is never passed over for want of gas, regardless of who wastes it: the landing fails, and the fallback
    /// remains.
    function test_Refused_TrialThatExhaustsItsGas() public {
        home.adapter.setMode(MockLendingAdapter.Mode.BurningGas);
        uint256 before = gasleft();
        _expectRefused(_local(2.6 ether), abi.encodeWithSelector(BoundedCall.GasExhausted.selector, 2_000_000));
        assertLt(before - gasleft(), 2_800_000, "one trial's allowance, no more");
        assertEq(home.collateral.rounds(_positionKey(position)), 0);
        intent = _intent(home, position);
        _expectRefused(_remote(2.6 ether), abi.encodeWithSelector(BoundedCall.GasExhausted.selector, 2_000_000));
    }

    function test_PassOver_ReturnBombIsCapped() public {
        home.adapter.setMode(MockLendingAdapter.Mode.ReturnBombing);
        Landing memory landing = _local(2.6 ether);
        _expectPassedOver(landing, new bytes(256));
    }

    function test_PassOver_ProtocolPanics() public {
        home.adapter.setMode(MockLendingAdapter.Mode.Panicking);
        _expectPassedOver(_local(2.6 ether), abi.encodeWithSignature("Panic(uint256)", 1));
    }

    function test_PassOver_VaultShort() public {
        DebtTerms memory rules = _debtTerms(home);
        rules.capPrincipal = type(uint128).max;
        rules.capRepaid = type(uint128).max;
        home.registry.setDebtTerms(MARKET, address(home.dollar), rules);
        Terms memory terms = _terms(home);
        terms.stressBps = 0;
        home.registry.setTerms(MARKET, terms);
        _underwaterWith(home, "one", 1_000_000e6, 550 ether);
        intent = _intent(home, position);
        _expectPassedOver(
            _remote(540 ether),
            abi.encodeWithSelector(BackstopVault.InsufficientIdle.selector, 1_000_000e6, 1_000_002e6)
        );
    }

    function test_PassOver_PrincipalCapExceeded() public {
        DebtTerms memory rules = _debtTerms(home);
        rules.capPrincipal = 5001e6;
        home.registry.setDebtTerms(MARKET, address(home.dollar), rules);
        _expectPassedOver(
            _remote(2.6 ether), abi.encodeWithSelector(BackstopVault.PrincipalCapExceeded.selector, 5001e6, 5002e6)
        );
    }

    function test_PassOver_BondLockedTwiceOver() public {
        // The bond that a first order locked no longer covers a second.
        (, Order memory order) = _open(home, _remote(1 ether));
        vm.startPrank(alice.account);
        home.bonds.requestWithdrawal(address(home.dollar), uint128(50_000e6));
        vm.warp(block.timestamp + BOND_DELAY);
        home.bonds.withdraw(address(home.dollar), alice.account);
        vm.stopPrank();
        assertEq(home.bonds.balanceOf(alice.account, address(home.dollar)), order.bond);
        position = _underwater(home, "two");
        intent = _intent(home, position);
        _expectPassedOver(
            _remote(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.BondUnavailable.selector, 0, 500e6)
        );
    }

    function test_PassOver_QuoteRefused_KeyRemoved() public {
        Landing memory made = _local(2.6 ether);
        vm.warp(block.timestamp + 2);
        intent = _intent(home, intent.position);
        Landing memory ahead = _local(2.6 ether);
        vm.prank(alice.account);
        home.bonds.removeKey(alice.signer);
        // Promises whose quoteBy is not ahead stand.
        uint256 snapshot = cheats.snapshotState();
        (uint8 landed,) = _land(home, made);
        assertEq(landed, 1);
        cheats.revertToState(snapshot);
        _expectPassedOver(ahead, _quoteRefused(QuoteStatus.EpochEnded));
    }

    function test_Refused_KeyTooYoung() public {
        (address signer, uint256 key) = makeAddrAndKey("alice's second key");
        vm.prank(alice.account);
        home.bonds.addKey(signer);
        alice.key = key;
        _expectRefused(_local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.ForgedQuote.selector, 0, signer));
    }

    function test_PassOver_QuoteRefused_EpochRaised() public {
        Quote memory quote = _quote(home, intent, alice, 2.6 ether, HOME_DOMAIN);
        vm.warp(block.timestamp + 2);
        vm.prank(alice.account);
        home.bonds.raiseEpoch();
        Landing memory landing = _local(2.6 ether);
        landing.quotes[0] = _signed(home, quote, alice.key);
        _certify(home, landing, 2);
        uint256 snapshot = cheats.snapshotState();
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 1, "a promise already made");
        cheats.revertToState(snapshot);

        intent = _intent(home, intent.position);
        landing.intent = intent;
        quote.intent = _digest(home, intent);
        landing.quotes[0] = _signed(home, quote, alice.key);
        _certify(home, landing, 2);
        _expectPassedOver(landing, _quoteRefused(QuoteStatus.EpochEnded));
    }

    function test_PassOver_QuoteRefused_PayoutNotRegistered() public {
        alice.payout = stranger;
        _expectPassedOver(_local(2.6 ether), _quoteRefused(QuoteStatus.PayoutNotRegistered));
    }

    function _quoteRefused(QuoteStatus standing) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ICollateralEscrow.QuoteRefused.selector, standing);
    }

    function test_PassOver_OrderExists() public {
        // Clocks only go forward, so this takes a chain that runs back; the id is refused all the same.
        uint256 snapshot = cheats.snapshotState();
        (bytes32 id, Order memory order) = _open(home, _remote(2.6 ether));
        cheats.revertToState(snapshot);
        uint256 now_ = block.timestamp;
        _reportAndDeliverLate(order);
        assertEq(uint8(_stateOf(home, id)), uint8(OrderState.Refused));
        vm.warp(now_);
        _expectPassedOver(_remote(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.OrderExists.selector, id));
    }

    function _reportAndDeliverLate(Order memory order) internal {
        _reportAndDeliverAt(order, order.openBy + 1);
    }

    function _reportAndDeliverAt(Order memory order, uint256 at) internal {
        bytes memory message = _report(pay, _one(_fillByWinner(pay, order)));
        vm.warp(at);
        _deliver(message);
    }

    // ---- the landing as a whole is refused ----

    function test_Refused_WrongHome() public {
        intent.homeDomain = PAY_DOMAIN;
        _expectRefused(
            _local(2.6 ether),
            abi.encodeWithSelector(ICollateralEscrow.WrongHome.selector, PAY_DOMAIN, address(home.collateral))
        );
        intent.homeDomain = HOME_DOMAIN;
        intent.escrow = address(pay.collateral);
        _expectRefused(
            _local(2.6 ether),
            abi.encodeWithSelector(ICollateralEscrow.WrongHome.selector, HOME_DOMAIN, address(pay.collateral))
        );
    }

    function test_Refused_PositionTooLong() public {
        intent.position = new bytes(257);
        _expectRefused(_local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.PositionTooLong.selector, 257));
    }

    function test_Refused_NotASlot() public {
        intent.observedBlock += 1;
        _expectRefused(
            _local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.NotASlot.selector, intent.observedBlock, 4)
        );
    }

    function test_Refused_NotObserved() public {
        intent.observedBlock = uint64(block.number);
        _expectRefused(_local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.NotObserved.selector, block.number));
    }

    function test_Refused_WrongRound() public {
        intent.round = 1;
        _expectRefused(_local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.WrongRound.selector, 1, 0));
    }

    function test_Refused_WrongOpenBy() public {
        intent.openBy += 1;
        _expectRefused(
            _local(2.6 ether),
            abi.encodeWithSelector(ICollateralEscrow.WrongOpenBy.selector, intent.openBy, intent.openBy - 1)
        );
    }

    function test_OpenBy_LateEdge() public {
        vm.warp(intent.openBy);
        uint256 snapshot = cheats.snapshotState();
        (uint8 landed,) = _land(home, _local(2.6 ether));
        assertEq(landed, 1, "openBy itself is in time");
        cheats.revertToState(snapshot);
        vm.warp(intent.openBy + 1);
        _expectRefused(
            _local(2.6 ether),
            abi.encodeWithSelector(ICollateralEscrow.OutsideWindow.selector, intent.openBy, block.timestamp)
        );
    }

    function test_OpenBy_EarlyEdge() public {
        // quoteBy at most the quote window (1.5 s, rounded up) ahead
        intent.quoteBy = uint64((block.timestamp + 2) * 1000 + 999);
        intent.openBy = uint64(block.timestamp + 14);
        uint256 snapshot = cheats.snapshotState();
        (uint8 landed,) = _land(home, _local(2.6 ether));
        assertEq(landed, 1);
        cheats.revertToState(snapshot);
        intent.quoteBy += 1;
        intent.openBy += 1;
        _expectRefused(
            _local(2.6 ether),
            abi.encodeWithSelector(ICollateralEscrow.OutsideWindow.selector, intent.openBy, block.timestamp)
        );
    }

    function test_Refused_WrongTokens() public {
        home.adapter
            .setPosition(
                position,
                MockLendingAdapter.Position(address(pay.ether_), address(home.dollar), 5000e6, 2.75 ether, 0.9e18)
            );
        _expectRefused(
            _local(2.6 ether),
            abi.encodeWithSelector(ICollateralEscrow.WrongTokens.selector, address(pay.ether_), address(home.dollar))
        );
    }

    function test_Refused_Healthy() public {
        home.adapter
            .setPosition(
                position, MockLendingAdapter.Position(address(home.ether_), address(home.dollar), 0, 0, 1.2e18)
            );
        _expectRefused(_local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.Healthy.selector, 1.2e18));
    }

    function test_Refused_BelowMinimum() public {
        _underwaterWith(home, "one", 10e6 - 1, 0.005 ether);
        intent.repay = 10e6;
        _expectRefused(
            _local(0.004 ether), abi.encodeWithSelector(ICollateralEscrow.BelowMinimum.selector, 10e6 - 1, 10e6)
        );
    }

    function test_Refused_LessThanTheMinimumPartOfTheIntent() public {
        uint256 least = uint256(intent.repay) * _terms(home).minPartBps / 10_000;
        _underwaterWith(home, "one", least - 1, 1.4 ether);
        _expectRefused(
            _local(2.6 ether), abi.encodeWithSelector(ICollateralEscrow.BelowMinimum.selector, least - 1, least)
        );
        _underwaterWith(home, "one", least, 1.4 ether);
        (uint8 landed,) = _land(home, _local(2.6 ether));
        assertEq(landed, 1);
    }

    function test_Refused_RulesChangedSinceTheQuote() public {
        vm.warp(block.timestamp + 1);
        home.registry.setRoute(MARKET, address(home.dollar), pay.domain, _route(pay));
        uint64 freshFrom = uint64(block.timestamp * 1000 + _terms(home).quoteWindow);
        _expectRefused(
            _local(2.6 ether),
            abi.encodeWithSelector(ICollateralEscrow.RulesChanged.selector, intent.quoteBy, freshFrom)
        );
        intent.quoteBy = freshFrom;
        intent.openBy = freshFrom / 1000 + _terms(home).landingWindow;
        (uint8 landed,) = _land(home, _local(2.6 ether));
        assertEq(landed, 1);
    }

    function test_Refused_IntentOfNothing() public {
        DebtTerms memory rules = _debtTerms(home);
        rules.minRepay = 0;
        home.registry.setDebtTerms(MARKET, address(home.dollar), rules);
        intent.repay = 0;
        _expectRefused(_local(0), abi.encodeWithSelector(ICollateralEscrow.BelowMinimum.selector, 0, 0));
    }

    function test_Refused_WrongQuoteCount() public {
        Landing memory landing = _local(2.6 ether);
        landing.quotes = new SignedQuote[](0);
        _certify(home, landing, 2);
        _expectRefused(landing, abi.encodeWithSelector(ICollateralEscrow.WrongQuoteCount.selector, 0));
        landing.quotes = new SignedQuote[](4);
        _expectRefused(landing, abi.encodeWithSelector(ICollateralEscrow.WrongQuoteCount.selector, 4));
    }

    function test_Refused_WrongIntentCited() public {
        Landing memory landing = _local(2.6 ether);
        landing.quotes[0].quote.intent = keccak256("another");
        landing.quotes[0] = _signed(home, landing.quotes[0].quote, alice.key);
        _certify(home, landing, 2);
        _expectRefused(
            landing, abi.encodeWithSelector(ICollateralEscrow.WrongIntentCited.selector, 0, keccak256("another"))
        );
    }

    function test_Refused_ForgedQuote() public {
        (address thief, uint256 key) = makeAddrAndKey("thief");
        Landing memory landing = _local(2.6 ether);
        landing.quotes[0] = _signed(home, landing.quotes[0].quote, key);
        _expectRefused(landing, abi.encodeWithSelector(ICollateralEscrow.ForgedQuote.selector, 0, thief));
    }

    /// A lander who spoils the winner's signature to make the next one win reverts the landing instead.
    function test_Refused_SpoiledSignatureDoesNotPassTheWinnerOver() public {
        Landing memory landing = _landingOfThree(
            home, intent, [uint256(2.5 ether), 2.6 ether, 2.7 ether], [HOME_DOMAIN, HOME_DOMAIN, HOME_DOMAIN]
        );
        bytes memory good = landing.quotes[0].signature;
        landing.quotes[0].signature = landing.quotes[1].signature;
        vm.expectRevert(); // ForgedQuote, by the address that recovery gives
        _land(home, landing);
        landing.quotes[0].signature = "";
        _expectRefused(landing, abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 0));
        landing.quotes[0].signature = abi.encodePacked(good, uint8(0));
        _expectRefused(landing, abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 66));
        landing.quotes[0].signature = good;
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 1);
    }

    function test_Refused_HighS() public {
        Landing memory landing = _local(2.6 ether);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(alice.key, _digest(home, landing.quotes[0].quote));
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes32 high = bytes32(order - uint256(s));
        landing.quotes[0].signature = abi.encodePacked(r, high, uint8(v == 27 ? 28 : 27));
        _expectRefused(landing, abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, high));
    }

    function test_Refused_OmittedQuoteBreaksTheCertificate() public {
        Landing memory landing = _landingOfThree(
            home, intent, [uint256(2.5 ether), 2.6 ether, 2.7 ether], [HOME_DOMAIN, HOME_DOMAIN, HOME_DOMAIN]
        );
        SignedQuote[] memory fewer = new SignedQuote[](2);
        fewer[0] = landing.quotes[1];
        fewer[1] = landing.quotes[2];
        landing.quotes = fewer;
        vm.expectRevert(); // some address that is no auctioneer, or descending ones
        _land(home, landing);
    }

    function test_Refused_ReorderedQuotesBreakTheCertificate() public {
        Landing memory landing = _landingOfThree(
            home, intent, [uint256(2.5 ether), 2.6 ether, 2.7 ether], [HOME_DOMAIN, HOME_DOMAIN, HOME_DOMAIN]
        );
        (landing.quotes[0], landing.quotes[1]) = (landing.quotes[1], landing.quotes[0]);
        vm.expectRevert();
        _land(home, landing);
    }

    function test_Refused_Certificates() public {
        Landing memory landing = _local(2.6 ether);
        bytes32 award = _awardDigest(home, landing);
        bytes memory first = _sign(auctioneerKeys[0], award);
        bytes memory second = _sign(auctioneerKeys[1], award);

        landing.signatures = first;
        _expectRefused(landing, abi.encodeWithSelector(MarketRegistry.WrongSignatureCount.selector, 65, 2));
        landing.signatures = bytes.concat(first, second, _sign(auctioneerKeys[2], award));
        _expectRefused(landing, abi.encodeWithSelector(MarketRegistry.WrongSignatureCount.selector, 195, 2));
        landing.signatures = bytes.concat(first, first);
        _expectRefused(
            landing,
            abi.encodeWithSelector(MarketRegistry.SignersNotAscending.selector, auctioneerSet[0], auctioneerSet[0])
        );
        landing.signatures = bytes.concat(second, first);
        _expectRefused(
            landing,
            abi.encodeWithSelector(MarketRegistry.SignersNotAscending.selector, auctioneerSet[1], auctioneerSet[0])
        );
        landing.signatures = bytes.concat(first, second);
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 1);
    }

    function test_Refused_UnknownSigner() public {
        Landing memory landing = _local(2.6 ether);
        landing.signatures = bytes.concat(
            _sign(alice.key, _awardDigest(home, landing)), _sign(auctioneerKeys[1], _awardDigest(home, landing))
        );
        _expectRefused(landing, abi.encodeWithSelector(MarketRegistry.NotAuctioneer.selector, alice.signer));
    }

    function test_Refused_CertificateOfAnotherAttempt() public {
        Landing memory landing = _local(2.6 ether);
        landing.attempt = 2;
        vm.expectRevert();
        _land(home, landing);
        _certify(home, landing, 2);
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 1);
    }

    function test_Refused_RulesOfTheMarket() public {
        home.registry.pause(MARKET);
        _expectRefused(_local(2.6 ether), abi.encodeWithSelector(MarketRegistry.Paused.selector, MARKET));
        home.registry.unpause(MARKET);
        home.registry.setCollateral(MARKET, address(home.ether_), false);
        _expectRefused(
            _local(2.6 ether),
            abi.encodeWithSelector(MarketRegistry.CollateralNotAllowed.selector, address(home.ether_))
        );
    }

    function test_Refused_TooLittleGasForATrial() public {
        Landing memory landing = _local(2.6 ether);
        assertTrue(
            _revertsWith(
                address(home.collateral),
                abi.encodeCall(home.collateral.land, (landing)),
                1_500_000,
                BoundedCall.InsufficientGas.selector
            )
        );
        assertEq(home.collateral.rounds(_positionKey(position)), 0);
    }

    /// However much gas a lander sends, the best quote lands or the landing reverts: it can never be starved past.
    function testFuzz_NoGasPassesTheWinnerOver(uint256 gas_) public {
        gas_ = bound(gas_, 100_000, 3_000_000);
        Landing memory landing = _landingOfThree(
            home, intent, [uint256(2.5 ether), 2.6 ether, 2.7 ether], [PAY_DOMAIN, HOME_DOMAIN, HOME_DOMAIN]
        );
        (bool ok, bytes memory returned) =
            address(home.collateral).call{gas: gas_}(abi.encodeCall(home.collateral.land, (landing)));
        if (!ok) return;
        (uint8 landed,) = abi.decode(returned, (uint8, bytes32));
        assertEq(landed, 1);
    }

    /// The trials run in a library that can be delegated to and refuses to be called.
    function test_TrialsCannotBeCalledDirectly() public {
        Trial memory trial;
        for (uint256 slot; slot < 3; ++slot) {
            (bool ok,) = address(Landings).call(abi.encodeWithSelector(Landings.liquidate.selector, slot, trial));
            assertFalse(ok);
            (ok,) = address(Landings).call(abi.encodeWithSelector(Landings.open.selector, slot, trial));
            assertFalse(ok);
        }
    }

    function test_ReentryDuringALandingFails() public {
        home.adapter
            .setCallback(
                address(home.collateral), abi.encodeCall(home.collateral.claim, (address(home.ether_), stranger))
            );
        (uint8 landed,) = _land(home, _local(2.6 ether));
        assertEq(landed, 1);
        assertFalse(home.adapter.callbackOk());
        assertEq(bytes4(home.adapter.callbackReturned()), bytes4(keccak256("ReentrancyGuardReentrantCall()")));
    }

    // ---- money ----

    function testFuzz_LocalConservesAndScales(uint256 ask, uint256 taken, uint16 borrowerBps) public {
        ask = bound(ask, 0, 2.75 ether);
        taken = bound(taken, 2500, 10_000);
        Terms memory rules = _terms(home);
        rules.borrowerBps = uint16(bound(borrowerBps, 0, 10_000));
        home.registry.setTerms(MARKET, rules);
        home.adapter.setTaken(taken);
        uint256 solverBefore = home.dollar.balanceOf(alice.account);
        uint256 stock = home.ether_.balanceOf(address(home.adapter));
        (uint8 landed,) = _land(home, _local(ask));
        if (landed == 0) return; // the ask rounds up, the seized amount down
        uint256 repaid = home.dollar.balanceOf(home.adapter.LENDER());
        uint256 seized = stock - home.ether_.balanceOf(address(home.adapter));
        uint256 got = home.ether_.balanceOf(alice.payout);
        uint256 toBorrower = _surplusOf(home, position);
        uint256 toTreasury = _creditOf(home, protocolTreasury);
        assertEq(solverBefore - home.dollar.balanceOf(alice.account), repaid + 2e6);
        assertGe(got * 5000e6, ask * repaid, "at least the price");
        assertEq(got + toBorrower + toTreasury, seized, "the split sums");
        assertLe(toTreasury * 10_000, (seized - got) * (10_000 - rules.borrowerBps), "dust is the borrower's");
        assertEq(home.ether_.balanceOf(address(home.collateral)), toBorrower + toTreasury);
        assertEq(home.dollar.balanceOf(address(home.collateral)), 0);
    }

    function testFuzz_RemoteOrderIsCovered(uint256 ask, uint256 taken) public {
        ask = bound(ask, 0, 2.75 ether);
        taken = bound(taken, 2500, 10_000);
        home.adapter.setTaken(taken);
        vm.recordLogs();
        (uint8 landed, bytes32 id) = _land(home, _remote(ask));
        if (landed == 0) return;
        Order memory order = _openedOrder(vm.getRecordedLogs(), id);
        assertGe(_seizedOf(home, id), order.maxAsk);
        assertGe(order.maxAsk, order.ask);
        assertGe(order.bond, order.latePenalty);
        assertGe(uint256(order.bond) * 10, order.repaid);
        assertGe(uint256(order.payAmount), (uint256(order.repaid) + 2e6) * 1e12, "covers the principal");
        assertEq(home.vault.receivables(), uint256(order.repaid) + order.keeperFee);
        assertEq(home.dollar.balanceOf(address(home.vault)), home.vault.idle());
        assertEq(home.vault.totalAssets(), 1_000_000e6);
    }
}
