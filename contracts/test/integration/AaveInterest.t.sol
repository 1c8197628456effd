// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {PriceFeed} from "../../devnet/PriceFeed.sol";
import {TestToken} from "../../devnet/TestToken.sol";
import {AaveAccounts} from "../fixtures/AaveAccounts.sol";

/// @notice Landings of what was assessed up to a minute before, on Aave's own contracts with interest on both sides.
/// The amounts are the ones that an exact assessment fails on: interest of seconds is left over, and Aave leaves no
/// dust.
contract AaveInterestTest is AaveAccounts {
    /// @dev The deployer's default of `minPartBps`.
    uint256 private constant LEAST_PART = 4500;
    uint256 private constant BPS = 10_000;

    TestToken private collateral;
    TestToken private debt;
    /// @dev Whether Aave let all of the debt go at the landing.
    bool private whole;

    /// @dev Rates of 20 % a year and more on every reserve; the user's own deposit earns a part of it.
    function setUp() public override {
        super.setUp();
        TestToken[4] memory tokens = [weth, wbtc, usdc, dai];
        for (uint256 i; i < tokens.length; ++i) {
            aave.configurator.setReserveInterestRateData(address(tokens[i]), abi.encode(8000, 2000, 400, 7500));
        }
        address others = makeAddr("other borrowers");
        deposit(aave, usdc, others, 1e15);
        deposit(aave, dai, others, 1e27);
        borrow(aave, weth, others, 0.7e23);
        borrow(aave, wbtc, others, 0.7e12);
        borrow(aave, usdc, others, 0.5e14);
        borrow(aave, dai, others, 0.5e26);
        vm.warp(block.timestamp + 1 days); // indexes leave one
        _refresh();
    }

    /// @dev An account that owes so many cents, with the collateral's price set so that its health is as asked.
    function _open(TestToken collateral_, TestToken debt_, uint256 cents, uint256 thousandths) private {
        (collateral, debt) = (collateral_, debt_);
        uint256 amount = cents * 10 ** debt_.decimals() * 1e8 / 100 / _price(debt_);
        uint256 held = cents * 10 ** collateral_.decimals() * 1e8 * 2 / 100 / _price(collateral_); // 50 %
        deposit(aave, collateral_, user, held);
        borrow(aave, debt_, user, amount);
        (,,,,, uint256 now_) = aave.pool.getUserAccountData(user);
        _feed(collateral_).setAnswer(int256(_price(collateral_) * thousandths * 1e15 / now_));
    }

    /// @dev The landing of an auction that began `elapsed` seconds before, after a move of the collateral's price.
    function _landLater(uint256 elapsed, uint256 moveBps) private returns (uint256 repaid) {
        bytes memory position = _position(collateral, debt);
        (,, uint256 assessed,,) = adapter.assess(position);
        vm.warp(block.timestamp + elapsed);
        _refresh();
        _feed(collateral).setAnswer(int256(_price(collateral) * moveBps / BPS));
        (uint256 allowed,) = _prepare(collateral, debt);
        whole = allowed == _debtOf(debt);
        uint256 repay = allowed < assessed ? allowed : assessed;
        assertGe(repay * BPS, assessed * LEAST_PART, "BelowMinimum");
        (repaid,) = _liquidate(collateral, debt, repay);
        assertGe(repaid * BPS, allowed * LEAST_PART, "RepaidTooLittle");
    }

    function _assertWhole() private view {
        assertEq(_debtOf(debt), 0, "debt left");
    }

    function _refresh() private {
        PriceFeed[4] memory feeds = [wethFeed, wbtcFeed, usdcFeed, daiFeed];
        for (uint256 i; i < feeds.length; ++i) {
            feeds[i].setAnswer(feeds[i].latestAnswer());
        }
    }

    function _feed(TestToken token) private view returns (PriceFeed) {
        return PriceFeed(aave.oracle.getSourceOfAsset(address(token)));
    }

    function _price(TestToken token) private view returns (uint256) {
        return uint256(_feed(token).latestAnswer());
    }

    /// @dev One debt of each size, in tokens of 6, 8 and 18 decimals, 1 s to 60 s later, at ±1 %.
    function _eachDebtEachTime(uint256 cents, uint256 thousandths) private {
        TestToken[3] memory debts = [usdc, wbtc, dai];
        uint256[3] memory times = [uint256(1), 12, 60];
        uint256[3] memory moves = [uint256(9900), 10_000, 10_100];
        for (uint256 i; i < 27; ++i) {
            uint256 snapshot = vm.snapshot();
            _open(weth, debts[i / 9], cents, thousandths);
            _landLater(times[i / 3 % 3], moves[i % 3]);
            _assertWhole();
            vm.revertTo(snapshot);
        }
    }

    function test_ADebtOf300DollarsLandsWhole() public {
        _eachDebtEachTime(30_000, 985);
    }

    function test_ADebtOf900DollarsLandsWhole() public {
        _eachDebtEachTime(90_000, 985);
    }

    function test_ADebtOf1500DollarsLandsWhole() public {
        _eachDebtEachTime(150_000, 985);
    }

    function test_ADebtOf1999DollarsLandsWhole() public {
        _eachDebtEachTime(199_900, 985);
    }

    function test_ADebtOf15000DollarsAtAHealthOf94LandsWhole() public {
        _eachDebtEachTime(1_500_000, 940);
    }

    /// @dev A single collateral that earns interest, worth less than the debt: all of it goes, and Aave writes the rest
    /// off in the same call.
    function test_AnInsolventAccountLeavesNoCollateral() public {
        TestToken[3] memory debts = [usdc, wbtc, dai];
        uint256[3] memory times = [uint256(1), 12, 60];
        uint256[3] memory moves = [uint256(9900), 10_000, 10_100];
        for (uint256 i; i < 27; ++i) {
            uint256 snapshot = vm.snapshot();
            _open(weth, debts[i / 9], 1_500_000, 660);
            _landLater(times[i / 3 % 3], moves[i % 3]);
            _assertWhole();
            assertEq(_collateralOf(weth), 0, "collateral left");
            assertGt(_deficitOf(debt), 0, "no deficit");
            assertTrue(adapter.leftBadDebt(user));
            vm.revertTo(snapshot);
        }
    }

    /// @dev Half of the debt was allowed when the auction began, all of it when it landed: the half lands, although it
    /// is a little less than half by then.
    function test_AHalfThatBecomesAWholeLands() public {
        _open(weth, usdc, 1_500_000, 955);
        uint256 repaid = _landLater(12, 9900);
        assertGt(repaid, 7500e6);
        assertGt(_debtOf(usdc), 7000e6);
    }

    /// @dev And the other way round: the price of the debt rises, and Aave takes half instead of all.
    function test_AWholeThatBecomesAHalfLands() public {
        _open(weth, usdc, 199_900, 960);
        usdcFeed.setAnswer(1e8);
        (,, uint256 assessed,,) = adapter.assess(_position(weth, usdc));
        vm.warp(block.timestamp + 12);
        usdcFeed.setAnswer(1.01e8);
        wethFeed.setAnswer(int256(_price(weth) * 101 / 100));
        (uint256 allowed,) = _prepare(weth, usdc);
        assertLt(allowed, assessed * 51 / 100);
        assertGe(allowed * BPS, assessed * LEAST_PART);
        _liquidateAsPrepared(weth, usdc);
    }

    function testFuzz_WhatWasAssessedLandsWhateverTheAccount(
        uint256 cents,
        uint256 thousandths,
        uint256 elapsed,
        uint256 moveBps,
        uint256 pair
    ) public {
        TestToken[3] memory debts = [usdc, wbtc, dai];
        TestToken collateral_ = pair / 3 % 2 == 0 ? weth : wbtc;
        TestToken debt_ = debts[pair % 3];
        if (collateral_ == debt_) debt_ = dai;
        _open(collateral_, debt_, bound(cents, 100, 100_000_000), bound(thousandths, 500, 985));
        uint256 before = _debtOf(debt);
        (uint256 allowed,) = _prepare(collateral, debt);
        moveBps = bound(moveBps, 9900, 10_100);
        uint256 repaid = _landLater(bound(elapsed, 1, 60), moveBps);
        if (allowed == before && whole) _assertWhole();
        // Insolvent: the price of all collateral is what was asked for.
        if (_deficitOf(debt) != 0) assertEq(_collateralOf(collateral), 0);
        assertGt(repaid, 0);
    }

    /// @dev Aave rounds the value of a debt up: this one is not under 2,000 dollars, so half of it is taken.
    function test_TheValueOfADebtIsRoundedUp() public {
        deposit(aave, weth, user, 1.3e18);
        borrow(aave, dai, user, 1999.999999995e18);
        wethFeed.setAnswer(1860e8);
        (uint256 repay,) = _prepare(weth, dai);
        assertEq(repay, 1000e18);
        _liquidateAsPrepared(weth, dai);
        assertApproxEqAbs(_debtOf(dai), 999.999999995e18, 1);
    }
}
