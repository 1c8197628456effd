// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MarketRegistry} from "../../src/MarketRegistry.sol";
import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {Intent, Landing, Terms} from "../../src/types/Types.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {MockLendingAdapter} from "../base/MockLendingAdapter.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

/// @title Flag and take: no auctioneer, no gossip, no vault.
/// @notice Take opens 300 seconds after the flag; the lot rises from 90 % for 600 seconds, rests for 600, and the flag
/// lapses.
contract FallbackTest is GavelTest {
    bytes internal position;
    bytes32 internal key;
    address internal taker = makeAddr("taker");
    address internal receiver = makeAddr("receiver");
    uint256 internal flaggedAt;

    function setUp() public override {
        super.setUp();
        position = _underwater(home, "one");
        key = _positionKey(position);
        home.dollar.mint(taker, 100_000e6);
        vm.prank(taker);
        home.dollar.approve(address(home.collateral), type(uint256).max);
        home.ether_.mint(address(home.adapter), 1_000_000 ether);
    }

    function _flag() internal {
        vm.prank(stranger);
        home.collateral.flag(MARKET, position);
        flaggedAt = block.timestamp;
    }

    function _take() internal returns (uint256 repaid, uint256 lot) {
        vm.prank(taker);
        return home.collateral.take(MARKET, position, 0, type(uint256).max, receiver);
    }

    function _heal() internal {
        home.adapter
            .setPosition(
                position, MockLendingAdapter.Position(address(home.ether_), address(home.dollar), 0, 0, 1.1e18)
            );
    }

    // ---- flag ----

    function test_Flag() public {
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.Flagged(
            key, MARKET, position, uint64(block.timestamp + 300), uint64(block.timestamp + 1500)
        );
        home.collateral.flag(MARKET, position);
        assertEq(home.collateral.flaggedAt(key), block.timestamp);
        assertEq(home.collateral.rounds(key), 0);
    }

    function test_Flag_Healthy() public {
        _heal();
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.Healthy.selector, 1.1e18));
        home.collateral.flag(MARKET, position);
    }

    function test_Flag_TwiceDoesNotRestartTheDelay() public {
        _flag();
        bytes memory already = abi.encodeWithSelector(ICollateralEscrow.AlreadyFlagged.selector, key, flaggedAt + 1500);
        vm.warp(flaggedAt + 299);
        vm.expectRevert(already);
        home.collateral.flag(MARKET, position);
        vm.warp(flaggedAt + 1500);
        vm.expectRevert(already);
        home.collateral.flag(MARKET, position);
        assertEq(home.collateral.flaggedAt(key), flaggedAt);
    }

    function test_Flag_RenewedAfterItLapsed() public {
        _flag();
        vm.warp(flaggedAt + 1501);
        _flag();
        assertEq(home.collateral.flaggedAt(key), block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotTakeableYet.selector, block.timestamp + 300));
        _take();
    }

    function test_Flag_Paused() public {
        home.registry.pause(MARKET);
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.Paused.selector, MARKET));
        home.collateral.flag(MARKET, position);
    }

    function test_Flag_TokensNotServed() public {
        home.registry.setCollateral(MARKET, address(home.ether_), false);
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.CollateralNotAllowed.selector, address(home.ether_)));
        home.collateral.flag(MARKET, position);
    }

    function test_Flag_UnknownMarket() public {
        vm.expectRevert(abi.encodeWithSelector(MarketRegistry.UnknownMarket.selector, bytes32("none")));
        home.collateral.flag("none", position);
    }

    function test_Flag_PositionTooLong() public {
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.PositionTooLong.selector, 257));
        home.collateral.flag(MARKET, new bytes(257));
    }

    // ---- clear ----

    function test_Clear() public {
        _flag();
        _heal();
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.FlagCleared(key);
        vm.prank(keeper);
        home.collateral.clear(MARKET, position);
        assertEq(home.collateral.flaggedAt(key), 0);
    }

    function test_Clear_StillUnhealthy() public {
        _flag();
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.StillUnhealthy.selector, 0.97e18));
        home.collateral.clear(MARKET, position);
    }

    function test_Clear_NotFlagged() public {
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotFlagged.selector, key));
        home.collateral.clear(MARKET, position);
    }

    // ---- take ----

    function test_Take_PaysTheRepayAndGetsTheRisingLot() public {
        _flag();
        vm.warp(flaggedAt + 300);
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.Taken(key, MARKET, taker, receiver, 5000e6, 2.75 ether, 2.475 ether);
        (uint256 repaid, uint256 lot) = _take();
        assertEq(repaid, 5000e6);
        assertEq(lot, 2.475 ether);
        assertEq(home.dollar.balanceOf(taker), 95_000e6);
        assertEq(home.dollar.balanceOf(home.adapter.LENDER()), 5000e6);
        assertEq(home.ether_.balanceOf(receiver), 2.475 ether);
        assertEq(_surplusOf(home, position), 0.22 ether, "the borrower's");
        assertEq(_creditOf(home, protocolTreasury), 0.055 ether);
        assertEq(home.ether_.balanceOf(address(home.collateral)), 0.275 ether);
        assertEq(home.dollar.balanceOf(address(home.collateral)), 0);
        assertEq(home.collateral.flaggedAt(key), 0, "healthy now");
    }

    function test_Take_TheLotRisesToAllAndRests() public {
        _flag();
        uint256[5] memory waits = [uint256(300), 600, 899, 900, 1500];
        uint256[5] memory lots =
            [uint256(2.475 ether), 2.6125 ether, 2.749_541_666_666_666_666 ether, 2.75 ether, 2.75 ether];
        for (uint256 i; i < waits.length; ++i) {
            uint256 snapshot = cheats.snapshotState();
            vm.warp(flaggedAt + waits[i]);
            (, uint256 lot) = _take();
            assertEq(lot, lots[i]);
            cheats.revertToState(snapshot);
        }
    }

    function test_Take_AllMeansWhateverTheProtocolHandsOut() public {
        _flag();
        vm.warp(flaggedAt + 900);
        home.adapter.setHanded(10_100); // more than it said
        (, uint256 lot) = _take();
        assertEq(lot, 2.7775 ether);
    }

    function test_Take_NeverMoreThanTheProtocolHandsOut() public {
        _flag();
        vm.warp(flaggedAt + 600);
        home.adapter.setHanded(5000);
        (, uint256 lot) = _take();
        assertEq(lot, 1.375 ether);
        assertEq(_surplusOf(home, position), 0);
    }

    function test_Take_ExactAdapterLeavesTheRestInThePosition() public {
        home.adapter.setExact(true);
        _flag();
        vm.warp(flaggedAt + 300);
        (, uint256 lot) = _take();
        assertEq(lot, 2.475 ether);
        assertEq(home.adapter.lastWanted(), 2.475 ether);
        assertEq(_surplusOf(home, position), 0);
        assertEq(home.ether_.balanceOf(address(home.collateral)), 0);
    }

    function test_Take_ProtocolTakesLess_LotScalesAndMoneyReturns() public {
        home.adapter.setTaken(4000);
        _flag();
        vm.warp(flaggedAt + 300);
        (uint256 repaid, uint256 lot) = _take();
        assertEq(repaid, 2000e6);
        assertEq(lot, 0.99 ether);
        assertEq(home.dollar.balanceOf(taker), 98_000e6);
        assertEq(home.collateral.flaggedAt(key), flaggedAt, "still unhealthy: the flag stands");
        _take(); // and what is left can be taken at once
        assertEq(home.collateral.rounds(key), 0);
    }

    function test_Take_ProtocolTakesNothing() public {
        home.adapter.setTaken(0);
        _flag();
        vm.warp(flaggedAt + 300);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.RepaidTooLittle.selector, 0, 1));
        _take();
    }

    function test_Take_NotYetAndLapsed() public {
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotFlagged.selector, key));
        _take();
        _flag();
        vm.warp(flaggedAt + 299);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotTakeableYet.selector, flaggedAt + 300));
        _take();
        vm.warp(flaggedAt + 1501);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.FlagLapsed.selector, flaggedAt + 1500));
        _take();
    }

    function test_Attack_StaleFlagTakenDaysLater() public {
        _flag();
        _heal();
        vm.warp(flaggedAt + 3 days);
        _underwater(home, "one"); // it dips again, and the flag was not cleared
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.FlagLapsed.selector, flaggedAt + 1500));
        _take();
        _flag();
        vm.warp(flaggedAt + 300);
        (, uint256 lot) = _take();
        assertEq(lot, 2.475 ether, "from the least lot again");
    }

    function test_Take_Healthy() public {
        _flag();
        _heal();
        vm.warp(flaggedAt + 300);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.Healthy.selector, 1.1e18));
        _take();
    }

    function test_Take_Limits() public {
        _flag();
        vm.warp(flaggedAt + 300);
        vm.startPrank(taker);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.LotBelowLeast.selector, 2.475 ether, 2.475 ether + 1));
        home.collateral.take(MARKET, position, 2.475 ether + 1, 5000e6, receiver);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.PriceAboveMost.selector, 5000e6, 5000e6 - 1));
        home.collateral.take(MARKET, position, 2.475 ether, 5000e6 - 1, receiver);
        vm.expectRevert(ICollateralEscrow.ZeroAddress.selector);
        home.collateral.take(MARKET, position, 2.475 ether, 5000e6, address(0));
        home.collateral.take(MARKET, position, 2.475 ether, 5000e6, receiver);
    }

    function test_Take_WithoutMoney() public {
        _flag();
        vm.warp(flaggedAt + 300);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, address(home.collateral), 0, 5000e6
            )
        );
        home.collateral.take(MARKET, position, 0, type(uint256).max, receiver);
    }

    function test_Take_SameTokenTwice() public {
        _flag();
        home.adapter
            .setPosition(
                position,
                MockLendingAdapter.Position(address(home.dollar), address(home.dollar), 5000e6, 5500e6, 0.97e18)
            );
        vm.warp(flaggedAt + 300);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralEscrow.WrongTokens.selector, address(home.dollar), address(home.dollar))
        );
        _take();
    }

    function test_Take_MisreportingAdapter() public {
        _flag();
        vm.warp(flaggedAt + 300);
        home.adapter.setMisreport(-1);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.AdapterMisreported.selector, 5000e6 - 1, 0));
        _take();
    }

    function test_Take_ReentryFails() public {
        _flag();
        vm.warp(flaggedAt + 300);
        home.adapter
            .setCallback(
                address(home.collateral),
                abi.encodeCall(home.collateral.take, (MARKET, position, 0, type(uint256).max, receiver))
            );
        _take();
        assertFalse(home.adapter.callbackOk());
    }

    // ---- liveness ----

    function test_Liveness_NoAuctioneersNoVaultNoCapsAndPaused() public {
        _flag();
        home.registry.pause(MARKET);
        home.registry.lowerCaps(MARKET, address(home.dollar), 0, 0);
        address[] memory nobody = new address[](1);
        nobody[0] = address(1);
        home.registry.setAuctioneers(MARKET, nobody, 1);
        vm.etch(address(home.vault), "");
        vm.etch(address(home.bonds), "");
        vm.warp(flaggedAt + 900);
        (, uint256 lot) = _take();
        assertEq(lot, 2.75 ether);
    }

    // ---- landings ----

    function _landing() internal view returns (Landing memory) {
        return _landingOf(home, _intent(home, position), alice, 2.6 ether, HOME_DOMAIN);
    }

    function test_LandingThatHealsClearsTheFlag() public {
        _flag();
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.FlagCleared(key);
        _land(home, _landing());
        assertEq(home.collateral.flaggedAt(key), 0);
    }

    function test_RemoteLandingThatHealsClearsTheFlag() public {
        _flag();
        _land(home, _landingOf(home, _intent(home, position), alice, 2.6 ether, PAY_DOMAIN));
        assertEq(home.collateral.flaggedAt(key), 0);
    }

    /// A dishonest quorum cannot hold the fallback off with small landings.
    function test_LandingThatDoesNotHealLeavesTheFlagAndItsClock() public {
        _flag();
        home.adapter.setTaken(2500);
        _land(home, _landing());
        assertEq(home.collateral.flaggedAt(key), flaggedAt);
        home.adapter.setTaken(10_000);
        vm.warp(flaggedAt + 300);
        (uint256 repaid,) = _take();
        assertEq(repaid, 3750e6);
    }

    /// A take of dust, inside a flash loan that leaves no more, is no way to void the award that comes.
    function test_Attack_ATakeOfDustVoidsNoAward() public {
        _flag();
        vm.warp(flaggedAt + 300);
        Intent memory intent = _intent(home, position);
        Landing memory landing = _landingOf(home, intent, alice, 2.6 ether, HOME_DOMAIN);
        _underwaterWith(home, "one", 20e6, 0.011 ether);
        _take();
        uint256 snapshot = cheats.snapshotState();
        _underwaterWith(home, "one", 4980e6, 2.739 ether);
        (uint8 landed,) = _land(home, landing);
        assertEq(landed, 1, "on what is left");
        cheats.revertToState(snapshot);
        _underwaterWith(home, "one", 1000e6, 0.55 ether); // taken in earnest, too little is left for the award
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.BelowMinimum.selector, 1000e6, 1250e6));
        home.collateral.land(landing);
    }

    function test_TwoMarketsOfOnePositionStayApart() public {
        home.registry.setTerms("mock-beta", _terms(home));
        home.registry.setDebtTerms("mock-beta", address(home.dollar), _debtTerms(home));
        home.registry.setCollateral("mock-beta", address(home.ether_), true);
        _flag();
        vm.warp(flaggedAt + 300);
        vm.prank(taker);
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollateralEscrow.NotFlagged.selector, keccak256(abi.encode(bytes32("mock-beta"), position))
            )
        );
        home.collateral.take("mock-beta", position, 0, type(uint256).max, receiver);
    }

    function testFuzz_Take(uint256 wait, uint256 taken, uint16 leastBps, bool exact) public {
        wait = bound(wait, 300, 1500);
        taken = bound(taken, 1, 10_000);
        Terms memory rules = _terms(home);
        rules.minLotBps = uint16(bound(leastBps, 0, 10_000));
        home.registry.setTerms(MARKET, rules);
        home.adapter.setTaken(taken);
        home.adapter.setExact(exact);
        _flag();
        vm.warp(flaggedAt + wait);
        (uint256 repaid, uint256 lot) = _take();
        assertEq(repaid, 5000e6 * taken / 10_000);
        assertEq(home.dollar.balanceOf(taker), 100_000e6 - repaid, "pays what the protocol took");
        uint256 kept = _surplusOf(home, position) + _creditOf(home, protocolTreasury);
        assertEq(home.ether_.balanceOf(address(home.collateral)), kept);
        assertLe(lot + kept, 2.75 ether * repaid / 5000e6, "never more than the protocol's own bonus");
        if (wait >= 900) assertEq(kept, 0);
    }
}
