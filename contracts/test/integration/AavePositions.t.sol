// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {PriceFeed} from "../../devnet/PriceFeed.sol";
import {TestToken} from "../../devnet/TestToken.sol";
import {AaveMarginCall} from "../../src/adapters/AaveMarginCall.sol";
import {AaveV3Adapter} from "../../src/adapters/AaveV3Adapter.sol";
import {AaveViewHelper} from "../../src/adapters/AaveViewHelper.sol";
import {IMarginCall, MarginBounds, MarginTerms} from "../../src/interfaces/IMarginCall.sol";
import {HookedBorrower, HookedToken} from "../base/HookedToken.sol";
import {ICheats} from "../base/ICheats.sol";
import {AaveAccounts} from "../fixtures/AaveAccounts.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice The Aave adapters on accounts of all shapes, on Aave's own contracts: close factor, dust, write-offs, modes.
contract AavePositionsTest is AaveAccounts {
    function _newMarginCall() private returns (AaveMarginCall) {
        MarginBounds memory bounds = MarginBounds(11_000, 10_200, 20_000, 10, 1000);
        return new AaveMarginCall(aave.provider, escrow, badDebt, 1 days, bounds);
    }

    function test_HalfOfTheWholeDebtIsTaken() public {
        _deposit(weth, user, 10e18);
        _borrow(usdc, 9000e6);
        _borrow(dai, 6000e18);
        wethFeed.setAnswer(1780e8); // 0.979
        (uint256 repay,) = _prepare(weth, usdc);
        assertEq(repay, 7500e6, "half of all, not of this one");
        (repay,) = _prepare(weth, dai);
        assertEq(repay, 6000e18, "all of the smaller");
        _liquidateAsPrepared(weth, usdc);
    }

    function test_SmallPositionsAreTakenWhole() public {
        _deposit(weth, user, 1.2e18);
        _borrow(usdc, 1900e6);
        wethFeed.setAnswer(1900e8);
        (uint256 repay,) = _prepare(weth, usdc);
        assertEq(repay, 1900e6);
        _liquidateAsPrepared(weth, usdc);
    }

    function test_AtACloseFactorHealthOf95AllIsTaken() public {
        _deposit(weth, user, 10e18);
        _borrow(usdc, 15_000e6);
        wethFeed.setAnswer(1727e8);
        (uint256 repay,) = _prepare(weth, usdc);
        assertEq(repay, 15_000e6);
        _liquidateAsPrepared(weth, usdc);
    }

    /// @dev Half of all debt would leave 500 dollars of this one, less than the least leftover.
    function test_DustOfDebtIsNotLeft() public {
        _deposit(weth, user, 2.6e18);
        _borrow(usdc, 2500e6);
        _borrow(dai, 1500e18);
        wethFeed.setAnswer(1850e8);
        (uint256 repay,) = _prepare(weth, usdc);
        assertEq(repay, 1500e6, "a thousand left");
        _liquidateAsPrepared(weth, usdc);
    }

    /// @dev What would leave dust of either side is cut to what doesn't, also where less than all is asked for.
    function test_APartThatWouldLeaveDustIsCut() public {
        _deposit(weth, user, 10e18);
        _borrow(usdc, 15_000e6);
        wethFeed.setAnswer(1727e8);
        (uint256 repaid,) = _liquidate(weth, usdc, 14_500e6);
        assertEq(repaid, 14_000e6);
        assertEq(usdc.balanceOf(escrow), 500e6);
    }

    function test_WhereEveryAmountLeavesDustThereIsNothingToRepay() public {
        _deposit(weth, user, 2e18);
        _deposit(wbtc, user, 0.01e8);
        _borrow(usdc, 2100e6);
        wethFeed.setAnswer(1100e8);
        wbtcFeed.setAnswer(36_000e8);
        _leaveCash(weth, 1e18); // for a part only
        (uint256 repay, uint256 seizable) = _prepare(weth, usdc);
        (uint256 repaid,) = repay == 0 ? (0, 0) : _liquidate(weth, usdc, repay);
        assertEq(repaid, repay);
        assertLe(seizable, 1e18);
    }

    function testFuzz_WhateverIsPreparedIsTaken(uint256 held, uint256 other, uint256 price, uint256 cash) public {
        held = bound(held, 0.5e18, 20e18);
        _deposit(weth, user, held);
        _deposit(wbtc, user, bound(other, 1e4, 0.2e8));
        _borrow(usdc, held * 1000e6 / 1e18);
        _borrow(dai, held * 590);
        if (cash % 2 == 0) _leaveCash(weth, bound(cash, 1e16, 30e18));
        wethFeed.setAnswer(int256(bound(price, 200e8, 1900e8)));
        (uint256 repay,) = _prepare(weth, usdc);
        if (repay != 0) _liquidateAsPrepared(weth, usdc);
    }

    function testFuzz_PartsLeaveNoDust(uint256 held, uint256 price, uint256 part) public {
        held = bound(held, 1e18, 20e18);
        _deposit(weth, user, held);
        _borrow(usdc, held * 1590e6 / 1e18);
        wethFeed.setAnswer(int256(bound(price, 1000e8, 1900e8)));
        (uint256 most,) = _prepare(weth, usdc);
        uint256 asked = bound(part, most / 4, most);
        (bool ok, uint256 repaid) = _tryLiquidate(asked);
        if (ok) assertLe(repaid, asked);
        else assertLt(most, 2000e6, "only a small position can refuse a part");
    }

    function _tryLiquidate(uint256 repay) private returns (bool ok, uint256 repaid) {
        usdc.mint(address(adapter), repay);
        vm.prank(escrow);
        try adapter.liquidate(_position(weth, usdc), repay, 0, escrow) returns (uint256 repaid_) {
            return (true, repaid_);
        } catch {
            return (false, 0);
        }
    }

    function test_WrittenOffDebtIsRememberedForTheSurplus() public {
        _deposit(weth, user, 10e18);
        _borrow(usdc, 15_000e6);
        wethFeed.setAnswer(1200e8);
        (uint256 repay,) = _prepare(weth, usdc);
        (, uint256 seized) = _liquidate(weth, usdc, repay);
        assertGt(_deficitOf(usdc), 0);
        assertEq(aave.pool.getUserConfiguration(user), 0, "the pool can't tell any more");
        assertTrue(adapter.leftBadDebt(user));
        vm.startPrank(escrow);
        weth.transfer(address(adapter), seized / 20);
        adapter.returnSurplus(_position(weth, usdc), seized / 20);
        vm.stopPrank();
        assertEq(weth.balanceOf(badDebt), seized / 20);

        // A later sound liquidation, which a borrower can bring about with dust, ends it no sooner.
        uint256 from = block.timestamp;
        wethFeed.setAnswer(2000e8);
        _deposit(weth, user, 10e18);
        _borrow(usdc, 15_000e6);
        wethFeed.setAnswer(1780e8);
        (repay,) = _prepare(weth, usdc);
        _liquidate(weth, usdc, repay);
        vm.warp(from + 30 days - 1);
        assertTrue(adapter.leftBadDebt(user));
        vm.warp(from + 30 days);
        assertFalse(adapter.leftBadDebt(user));
    }

    /// @dev Aave decides by value: a unit of collateral that is worth nothing, regardless of its supplier, keeps its
    /// bit.
    function test_WorthlessCollateralDoesNotHideAWriteOff() public {
        _deposit(weth, user, 10e18);
        _deposit(dai, user, 1);
        _borrow(usdc, 15_000e6);
        wethFeed.setAnswer(1200e8);
        (uint256 repay,) = _prepare(weth, usdc);
        (, uint256 seized) = _liquidate(weth, usdc, repay);
        assertGt(_deficitOf(usdc), 3000e6);
        assertEq(aave.pool.getUserConfiguration(user), 2 << 2 * 3, "DAI's bit is left");
        assertTrue(adapter.leftBadDebt(user));
        vm.startPrank(escrow);
        weth.transfer(address(adapter), seized / 20);
        adapter.returnSurplus(_position(weth, usdc), seized / 20);
        vm.stopPrank();
        assertEq(weth.balanceOf(badDebt), seized / 20);
    }

    function test_OtherCollateralOfValueMeansNoBadDebt() public {
        _deposit(weth, user, 10e18);
        _deposit(dai, user, 3000e18);
        _borrow(usdc, 15_000e6);
        wethFeed.setAnswer(1200e8);
        (uint256 repay,) = _prepare(weth, usdc);
        _liquidate(weth, usdc, repay);
        assertEq(_deficitOf(usdc), 0);
        assertFalse(adapter.leftBadDebt(user));
    }

    function test_ALiquidationThatLeavesOtherDebtsToWriteOffIsRemembered() public {
        _deposit(weth, user, 2e18);
        _borrow(usdc, 900e6);
        _borrow(dai, 2200e18);
        wethFeed.setAnswer(471e8); // 942 dollars buy about 900 of debt
        (uint256 repay,) = _prepare(weth, usdc);
        _liquidate(weth, usdc, repay);
        assertGt(_deficitOf(dai), 0);
        assertTrue(adapter.leftBadDebt(user));
    }

    function test_AModeHasItsOwnBonus() public {
        setMode(aave, 1, 9000, 9300, 10_200);
        admitToMode(aave, 1, dai, true, false);
        admitToMode(aave, 1, usdc, false, true);
        _enterMode(1);
        _deposit(dai, user, 10_000e18);
        _deposit(weth, user, 0.1e18); // outside the mode
        _borrow(usdc, 9100e6);
        daiFeed.setAnswer(0.96e8);
        (uint256 repay, uint256 seizable) = _prepare(dai, usdc);
        assertEq(repay, 4550e6);
        assertApproxEqAbs(seizable, uint256(4641e18) * 100 / 96, 1, "the mode's bonus");
        (, seizable) = _prepare(weth, usdc);
        assertLt(seizable, 0.1e18, "its own, with the fee");
        _liquidateAsPrepared(dai, usdc);
    }

    /// @dev A reserve can be collateral in modes alone, without a threshold of its own.
    function test_CollateralByItsModeAlone() public {
        (TestToken token, PriceFeed feed) = _list("PT", 18, 2000e8, ReserveTerms(0, 0, 0, 1000));
        setMode(aave, 1, 9000, 9300, 10_200);
        admitToMode(aave, 1, token, true, false);
        admitToMode(aave, 1, weth, true, false);
        admitToMode(aave, 1, usdc, false, true);
        _enterMode(1);
        _deposit(token, user, 10e18);
        _deposit(weth, user, 2e18);
        _borrow(usdc, 21_600e6);
        feed.setAnswer(1900e8);
        wethFeed.setAnswer(1900e8);
        (uint256 repay,) = _prepare(token, usdc);
        assertGt(repay, 0);
        _liquidateAsPrepared(token, usdc);
    }

    function testFuzz_MarginCallsWorkToo(uint256 price, uint256 wanted) public {
        AaveMarginCall margin = _newMarginCall();
        _deposit(weth, user, 10e18);
        _borrow(usdc, 15_000e6);
        bytes memory position = _position(weth, usdc);
        address aWeth = aave.pool.getReserveData(address(weth)).aToken;
        vm.startPrank(user);
        IERC20(aWeth).approve(address(margin), type(uint256).max);
        margin.setTerms(position, MarginTerms(10_500, 11_000, 200));
        vm.stopPrank();
        wethFeed.setAnswer(int256(bound(price, 1600e8, 1900e8)));
        (,, uint256 repay, uint256 seizable, uint256 relative) = margin.assess(position);
        assertLt(relative, 1e18);
        assertGt(repay, 0);
        wanted = bound(wanted, 1, seizable);
        usdc.mint(address(margin), repay);
        vm.prank(escrow);
        uint256 repaid = margin.liquidate(position, repay, wanted, escrow);
        assertEq(repaid, repay);
        assertEq(weth.balanceOf(escrow), wanted);
    }

    /// @dev The borrower spends the call's relief from inside it, and would end below where it was: all of it is
    /// undone.
    function test_TheReliefOfAMarginCallSpentInsideIt() public {
        HookedToken token = new HookedToken();
        HookedBorrower hooked = new HookedBorrower();
        user = address(hooked);
        PriceFeed feed = new PriceFeed("HOOK", 8, 2000e8, address(this));
        listReserve(aave, address(token), address(feed), ReserveTerms(8000, 8250, 10_500, 0));
        AaveMarginCall margin = _newMarginCall();
        bytes memory position = abi.encode(user, token, usdc);
        token.mint(user, 10e18);
        hooked.act(address(token), abi.encodeCall(token.approve, (address(aave.pool), 10e18)));
        hooked.act(address(aave.pool), abi.encodeCall(aave.pool.supply, (address(token), 10e18, user, 0)));
        hooked.act(address(aave.pool), abi.encodeCall(aave.pool.borrow, (address(usdc), 15_000e6, 2, 0, user)));
        address aToken = aave.pool.getReserveData(address(token)).aToken;
        hooked.act(aToken, abi.encodeCall(token.approve, (address(margin), type(uint256).max)));
        hooked.act(address(margin), abi.encodeCall(margin.setTerms, (position, MarginTerms(10_500, 11_000, 200))));
        feed.setAnswer(1900e8); // 1.045
        token.setListener(user);

        (,, uint256 repay,,) = margin.assess(position);
        usdc.mint(address(margin), repay);
        hooked.prepare(address(aave.pool), abi.encodeCall(aave.pool.borrow, (address(usdc), 1100e6, 2, 0, user)));
        vm.prank(escrow);
        ICheats(address(vm)).expectPartialRevert(IMarginCall.HealthFell.selector);
        margin.liquidate(position, repay, 1.5e18, escrow);

        hooked.prepare(address(aave.pool), abi.encodeCall(aave.pool.borrow, (address(usdc), 500e6, 2, 0, user)));
        vm.prank(escrow);
        margin.liquidate(position, repay, 1.5e18, escrow);
        assertTrue(hooked.succeeded());
        (,,,,, uint256 health) = aave.pool.getUserAccountData(user);
        assertGe(health, 1.045e18);
    }

    function test_AMarginCallWaitsForCollateralThatLendsNothing() public {
        AaveMarginCall margin = _newMarginCall();
        setMode(aave, 1, 9000, 9300, 10_200);
        (TestToken token,) = _list("PT", 18, 2000e8, ReserveTerms(0, 0, 0, 1000));
        admitToMode(aave, 1, weth, true, false);
        admitToMode(aave, 1, dai, true, false);
        admitToMode(aave, 1, token, true, false);
        admitToMode(aave, 1, usdc, false, true);
        _enterMode(1);
        _deposit(weth, user, 10e18);
        _deposit(dai, user, 100e18);
        _borrow(usdc, 17_000e6);
        bytes memory position = _position(weth, usdc);
        address aWeth = aave.pool.getReserveData(address(weth)).aToken;
        vm.startPrank(user);
        IERC20(aWeth).approve(address(margin), type(uint256).max);
        margin.setTerms(position, MarginTerms(10_500, 11_000, 100));
        vm.stopPrank();
        wethFeed.setAnswer(1900e8);
        _assertCallable(margin, position);
        aave.configurator.setAssetLtvzeroInEMode(address(dai), 1, true);
        _assertNothingCallable(margin, position);
        aave.configurator.setAssetLtvzeroInEMode(address(dai), 1, false);
        _assertCallable(margin, position);

        // Collateral by its mode alone, too.
        _deposit(token, user, 0.01e18);
        aave.configurator.setAssetLtvzeroInEMode(address(token), 1, true);
        _assertNothingCallable(margin, position);
        aave.configurator.setAssetLtvzeroInEMode(address(token), 1, false);
        _assertCallable(margin, position);
    }

    /// @dev In a mode, its own LTV bears on withdrawals, and not that of the reserve.
    function test_AModesLtvReplacesTheReserves() public {
        (TestToken token,) = _list("WST", 18, 2000e8, ReserveTerms(0, 8000, 10_500, 1000));
        AaveMarginCall margin = _newMarginCall();
        setMode(aave, 1, 9000, 9300, 10_200);
        admitToMode(aave, 1, weth, true, false);
        admitToMode(aave, 1, token, true, false);
        admitToMode(aave, 1, usdc, false, true);
        _enterMode(1);
        _deposit(weth, user, 10e18);
        _deposit(token, user, 1e18);
        _borrow(usdc, 19_000e6);
        bytes memory position = _position(weth, usdc);
        address aWeth = aave.pool.getReserveData(address(weth)).aToken;
        vm.startPrank(user);
        IERC20(aWeth).approve(address(margin), type(uint256).max);
        margin.setTerms(position, MarginTerms(10_500, 11_000, 100));
        vm.stopPrank();
        wethFeed.setAnswer(1930e8);
        (,, uint256 repay, uint256 seizable,) = margin.assess(position);
        assertGt(repay, 0);
        usdc.mint(address(margin), repay);
        vm.prank(escrow);
        margin.liquidate(position, repay, seizable, escrow);
        assertEq(weth.balanceOf(escrow), seizable);
    }

    function _assertCallable(AaveMarginCall margin, bytes memory position) private view {
        (,, uint256 repay,,) = margin.assess(position);
        assertGt(repay, 0);
    }

    function _assertNothingCallable(AaveMarginCall margin, bytes memory position) private view {
        (,, uint256 repay,,) = margin.assess(position);
        assertEq(repay, 0);
    }

    /// @dev A liquidation by others is not told to the adapter of margin calls, and what it wrote off leaves no trace.
    function test_AMarginCallsSurplusAfterAWriteOffIsTheBorrowers() public {
        AaveMarginCall margin = _newMarginCall();
        _deposit(weth, user, 10e18);
        _borrow(usdc, 15_000e6);
        bytes memory position = _position(weth, usdc);
        IERC20 aToken = IERC20(aave.pool.getReserveData(address(weth)).aToken);
        vm.startPrank(user);
        aToken.approve(address(margin), type(uint256).max);
        margin.setTerms(position, MarginTerms(10_500, 11_000, 200));
        vm.stopPrank();
        wethFeed.setAnswer(1900e8);
        (,, uint256 repay, uint256 seizable,) = margin.assess(position);
        usdc.mint(address(margin), repay);
        vm.prank(escrow);
        margin.liquidate(position, repay, seizable, escrow);
        wethFeed.setAnswer(1000e8);
        usdc.mint(address(this), 15_000e6);
        usdc.approve(address(aave.pool), 15_000e6);
        aave.pool.liquidationCall(address(weth), address(usdc), user, type(uint256).max, false);
        assertGt(_deficitOf(usdc), 0);
        assertEq(aToken.balanceOf(user), 0);
        vm.startPrank(escrow);
        weth.transfer(address(margin), seizable / 20);
        margin.returnSurplus(position, seizable / 20);
        vm.stopPrank();
        assertEq(aToken.balanceOf(user), seizable / 20);
    }

    function test_TheLowestThresholdAndTheLargestDebtGoFirst() public {
        AaveViewHelper viewHelper = new AaveViewHelper(aave.provider);
        (bytes memory position, AaveViewHelper.Holding[] memory held, AaveViewHelper.Owing[] memory owed) =
            viewHelper.suggest(user);
        assertEq(position.length, 0);
        assertEq(held.length + owed.length, 0);
        _deposit(weth, user, 10e18);
        _deposit(dai, user, 500e18);
        _deposit(usdc, user, 600e6);
        _deposit(wbtc, user, 0.01e8);
        _borrow(usdc, 5000e6);
        _borrow(dai, 6000e18);
        (position, held, owed) = viewHelper.suggest(user);
        assertEq(position, _position(wbtc, dai));
        assertEq(held.length, 4);
        assertEq(held[0].asset, address(wbtc));
        assertEq(held[0].threshold, 7500);
        assertEq(held[0].value, 400e8);
        assertEq(held[1].asset, address(usdc), "larger of two equal thresholds");
        assertEq(held[2].asset, address(dai));
        assertEq(held[3].asset, address(weth));
        assertEq(owed[0].asset, address(dai));
        assertEq(owed[1].value, 5000e8);
    }

    /// @dev One asset on both sides is no position; the next debt is paired.
    function test_TheSameAssetIsNotPaired() public {
        AaveViewHelper viewHelper = new AaveViewHelper(aave.provider);
        _deposit(dai, user, 10_000e18);
        _deposit(weth, user, 1e18);
        _borrow(dai, 6000e18);
        _borrow(usdc, 1000e6);
        (bytes memory position,,) = viewHelper.suggest(user);
        assertEq(position, _position(dai, usdc));
    }
}
