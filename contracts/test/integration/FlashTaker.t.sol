// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {FlashTaker, IFallbackSales} from "../../examples/FlashTaker.sol";
import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {IUniswapV3Pool} from "../../src/interfaces/external/IUniswapV3.sol";
import {Order, OrderState} from "../../src/types/Types.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {UniswapV3Fixture} from "../fixtures/UniswapV3Fixture.sol";

/// @title A searcher with nothing, living off real Uniswap v3 pools.
contract FlashTakerTest is GavelTest, UniswapV3Fixture {
    FlashTaker internal taker;
    IUniswapV3Pool internal lending;
    IUniswapV3Pool internal exchange;
    address internal searcher = makeAddr("searcher");
    bytes internal position;

    function setUp() public override {
        super.setUp();
        vm.prank(searcher);
        taker = new FlashTaker(IFallbackSales(address(home.collateral)));
        // ether at 1,900 dollars: 2.75 of it for 5,000 dollars of debt is worth 5,225
        lending = deployPool(home.ether_, 1000 ether, home.dollar, 1_900_000e6, 500);
        exchange = deployPool(home.ether_, 2000 ether, home.dollar, 3_800_000e6, 3000);
        position = _underwater(home, "one");
    }

    function _trade(uint256 borrowed, uint256 leastProfit) internal view returns (FlashTaker.Trade memory) {
        return FlashTaker.Trade(lending, exchange, home.dollar, home.ether_, borrowed, leastProfit);
    }

    function _flagged() internal {
        home.collateral.flag(MARKET, position);
        vm.warp(block.timestamp + _terms(home).takeDelay + _terms(home).auctionLength);
    }

    function _expired() internal returns (bytes32 id, Order memory order) {
        (id, order) = _open(home, _landingOf(home, _intent(home, position), alice, 2.6 ether, PAY_DOMAIN));
        vm.warp(order.expiresAt + 1);
        home.collateral.expire(order);
        vm.warp(block.timestamp + _terms(home).auctionLength);
    }

    function _assertHoldsNothing() internal view {
        assertEq(home.dollar.balanceOf(address(taker)), 0);
        assertEq(home.ether_.balanceOf(address(taker)), 0);
        assertEq(home.dollar.allowance(address(taker), address(home.collateral)), 0);
    }

    function test_TakesWithNothingAndKeepsTheDifference() public {
        _flagged();
        uint256 debtBefore = home.dollar.balanceOf(home.adapter.LENDER());
        vm.prank(searcher);
        uint256 profit = taker.take(_trade(5000e6, 0.1 ether), MARKET, position);
        assertEq(home.dollar.balanceOf(home.adapter.LENDER()) - debtBefore, 5000e6, "the lender is whole");
        assertEq(home.ether_.balanceOf(searcher), profit);
        // 225 dollars, less 0.3 % and 0.05 % of 5,000 and 0.13 % of price impact
        assertApproxEqRel(profit, 0.1052 ether, 0.02e18);
        _assertHoldsNothing();
    }

    function test_BuysWithNothingAndKeepsTheDifference() public {
        (bytes32 id, Order memory order) = _expired();
        (uint256 lot, uint256 price) = home.collateral.offer(order);
        assertEq(lot, 2.75 ether);
        vm.prank(searcher);
        uint256 profit = taker.buy(_trade(price, 0.1 ether), order);
        assertEq(uint8(_stateOf(home, id)), uint8(OrderState.Sold));
        assertEq(home.ether_.balanceOf(searcher), profit);
        assertGe(profit, 0.1 ether);
        _assertHoldsNothing();
    }

    function test_WhatIsBorrowedTooMuchGoesBack() public {
        _flagged();
        vm.prank(searcher);
        uint256 profit = taker.take(_trade(7000e6, 0), MARKET, position);
        assertApproxEqRel(profit, 0.1052 ether, 0.03e18);
        _assertHoldsNothing();
    }

    function test_NothingHappensWithoutTheProfitWanted() public {
        _flagged();
        vm.prank(searcher);
        cheats.expectPartialRevert(FlashTaker.TooLittleProfit.selector);
        taker.take(_trade(5000e6, 0.2 ether), MARKET, position);
        (,, uint256 repay,,) = home.adapter.assess(position);
        assertEq(repay, 5000e6, "untouched");
    }

    function test_ALotThatDoesNotPayTheLoanReverts() public {
        home.collateral.flag(MARKET, position);
        vm.warp(block.timestamp + _terms(home).takeDelay); // the lot is 90 % and too small
        vm.prank(searcher);
        vm.expectRevert();
        taker.take(_trade(5000e6, 0), MARKET, position);
    }

    function test_TheEscrowsRefusalComesThrough() public {
        vm.prank(searcher);
        vm.expectRevert(abi.encodeWithSelector(ICollateralEscrow.NotFlagged.selector, _positionKey(position)));
        taker.take(_trade(5000e6, 0), MARKET, position);
    }

    function test_TokensOfBeforeAreNoProfitAndAreSweptToTheOwner() public {
        home.ether_.mint(address(taker), 1 ether);
        home.dollar.mint(address(taker), 100e6);
        _flagged();
        vm.prank(searcher);
        uint256 profit = taker.take(_trade(5000e6, 0), MARKET, position);
        assertApproxEqRel(profit, 0.1052 ether, 0.02e18);
        vm.startPrank(searcher);
        taker.sweep(home.ether_);
        taker.sweep(home.dollar);
        vm.stopPrank();
        assertEq(home.ether_.balanceOf(searcher), 1 ether + profit);
        assertEq(home.dollar.balanceOf(searcher), 100e6);
    }

    function test_OnlyTheOwnerTradesAndOnlyThePoolsCallBack() public {
        Order memory order;
        vm.expectRevert(FlashTaker.OnlyOwner.selector);
        taker.take(_trade(1, 0), MARKET, position);
        vm.expectRevert(FlashTaker.OnlyOwner.selector);
        taker.buy(_trade(1, 0), order);
        vm.expectRevert(FlashTaker.OnlyOwner.selector);
        taker.sweep(home.dollar);
        vm.expectRevert(abi.encodeWithSelector(FlashTaker.UnexpectedCallback.selector, address(this)));
        taker.uniswapV3FlashCallback(0, 0, "");
        vm.expectRevert(abi.encodeWithSelector(FlashTaker.UnexpectedCallback.selector, address(this)));
        taker.uniswapV3SwapCallback(1, 0, abi.encode(home.dollar));
    }
}
