// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {PriceFeed} from "../../devnet/PriceFeed.sol";
import {TestToken} from "../../devnet/TestToken.sol";
import {ProtocolAdapter} from "../../src/adapters/ProtocolAdapter.sol";
import {VenusAdapter} from "../../src/adapters/VenusAdapter.sol";
import {AdapterCompliance} from "../adapters/AdapterCompliance.sol";
import {IVenusMarket, IVenusPool, VenusFixture} from "../fixtures/VenusFixture.sol";

/// @notice The Venus adapter on Venus's own bytecode.
contract VenusAdapterTest is VenusFixture, AdapterCompliance {
    IVenusMarket internal vCollateral;
    IVenusMarket internal vDebt;
    address internal borrower = makeAddr("borrower");
    address internal lender = makeAddr("lender");

    function setUp() public {
        vm.warp(1_700_000_000);
        collateral = new TestToken("Collateral", "COL", 18, address(this));
        debt = new TestToken("Loan", "LOAN", 6, address(this));
        openingPrice = 2000e8;
        collateralFeed = new PriceFeed("COL / USD", 8, openingPrice, address(this));
        debtFeed = new PriceFeed("LOAN / USD", 8, 1e8, address(this));
        deployPool();
        vCollateral = listMarket(address(collateral), 18, address(collateralFeed), 0.75e18, 0.8e18);
        vDebt = listMarket(address(debt), 6, address(debtFeed), 0.75e18, 0.8e18);
        adapter = new VenusAdapter(pool, ESCROW, BAD_DEBT, MAX_PRICE_AGE);
        _supply(lender, collateral, vCollateral, 100e18);
        _supply(lender, debt, vDebt, 1_000_000e6);
        _openLoan(borrower, 10e18, 15_000e6);
        position = _position(borrower);
        // the incentive less Venus's own share of 5 %
        bonus = 11_000;
        (softPrice, deepPrice) = (9300, 6000);
        // two vToken units of 8 decimals: what is seized and Venus's share of it are rounded, one after the other
        collateralGrain = 2.2e10;
    }

    function _spenders() internal view override returns (address[] memory spenders) {
        spenders = new address[](3);
        (spenders[0], spenders[1], spenders[2]) = (address(pool), address(vCollateral), address(vDebt));
    }

    function _position(address who) private view returns (bytes memory) {
        return abi.encode(who, vCollateral, vDebt);
    }

    function _supply(address who, TestToken token, IVenusMarket vToken, uint256 amount) private {
        token.mint(who, amount);
        vm.startPrank(who);
        token.approve(address(vToken), amount);
        vToken.mint(amount);
        vm.stopPrank();
    }

    function _openLoan(address who, uint256 amount, uint256 borrowed) private {
        _supply(who, collateral, vCollateral, amount);
        vm.startPrank(who);
        pool.enterMarkets(_one(address(vCollateral)));
        vDebt.borrow(borrowed);
        vm.stopPrank();
    }

    function _assertRefused(string memory why) private view {
        (,, uint256 repay, uint256 seizable, uint256 health) = adapter.assess(position);
        assertEq(repay, 0, why);
        assertEq(seizable, 0, why);
        assertLt(health, 1e18, why);
    }

    // ---- interest ----

    function testFuzz_InterestToTheBlockIsCounted(uint256 elapsed, uint256 wait) public {
        elapsed = bound(elapsed, 1, 300 days);
        vm.warp(block.timestamp + elapsed);
        setPrice(softPrice);
        (uint256 repay,,) = prepared();
        uint256 owed = vDebt.borrowBalanceCurrent(borrower);
        assertApproxEqAbs(repay, owed / 2, 1, "the close factor of the debt, interest included");
        vm.warp(block.timestamp + bound(wait, 1, 60));
        (uint256 repaid, uint256 seized) = liquidate(repay);
        assertEq(repaid, repay, "what was assessed is spent whole a minute later");
        assertGt(seized, 0);
        assertHoldsNothing();
    }

    function test_TheOtherMarketsOfAnAccountCountAsStored() public {
        TestToken third = new TestToken("Third", "TRD", 18, address(this));
        PriceFeed thirdFeed = new PriceFeed("TRD / USD", 8, 1e8, address(this));
        IVenusMarket vThird = listMarket(address(third), 18, address(thirdFeed), 0.5e18, 0.6e18);
        _supply(borrower, third, vThird, 1000e18);
        vm.prank(borrower);
        pool.enterMarkets(_one(address(vThird)));
        vm.warp(block.timestamp + 12 hours);
        setPrice(9000);
        thirdFeed.setAnswer(1e8);
        _liquidateAsAssessed();

        vm.warp(block.timestamp + MAX_PRICE_AGE + 1);
        setPrice(9000);
        vm.expectRevert(
            abi.encodeWithSelector(ProtocolAdapter.PriceStale.selector, thirdFeed, 1_700_000_000 + 12 hours)
        );
        adapter.assess(position);
    }

    // ---- cash ----

    function testFuzz_WhatTheCashCannotPayIsNotSeized(uint256 left) public {
        setPrice(softPrice);
        address whale = makeAddr("whale");
        _supply(whale, debt, vDebt, 10_000_000e6);
        vm.startPrank(whale);
        pool.enterMarkets(_one(address(vDebt)));
        left = bound(left, 0, 5e18);
        vCollateral.borrow(vCollateral.getCash() - left);
        vm.stopPrank();
        (uint256 repay, uint256 seizable,) = prepared();
        assertLe(seizable, left);
        if (left > 1e12) assertGt(seizable, 0);
        if (repay != 0) _liquidateAsAssessed();
        else _assertRefused("no cash");
    }

    // ---- small accounts ----

    function test_SmallAccountsAreLeftToVenus() public {
        pool.setMinLiquidatableCollateral(20_000e18);
        setPrice(softPrice);
        _assertRefused("its collateral is at most the minimum");
        debt.mint(address(adapter), 1e6);
        vm.expectRevert(VenusAdapter.NothingToLiquidate.selector);
        vm.prank(ESCROW);
        adapter.liquidate(position, 1e6, 0, recipient);

        // Venus takes all or nothing: every debt to the last unit, interest to the block
        uint256 owed = vDebt.borrowBalanceCurrent(borrower);
        debt.mint(address(this), owed);
        debt.approve(address(vDebt), owed);
        IVenusPool.Order[] memory orders = new IVenusPool.Order[](1);
        orders[0] = IVenusPool.Order(address(vCollateral), address(vDebt), owed - 1);
        vm.expectRevert("Nonzero borrow balance after liquidation");
        pool.liquidateAccount(borrower, orders);
        orders[0].repayAmount = owed;
        pool.liquidateAccount(borrower, orders);
        (,, uint256 repay,, uint256 health) = adapter.assess(position);
        assertEq(repay, 0);
        assertEq(health, type(uint256).max);
    }

    function test_SurplusOfAnAccountThatWasHealedSinceGoesToTheBadDebtRecipient() public {
        setPrice(deepPrice);
        uint256 seized;
        for (uint256 repay = 1; repay != 0;) {
            (,, repay,,) = adapter.assess(position);
            if (repay != 0) (, seized) = liquidate(repay);
        }
        _assertRefused("only a remainder is left");
        debt.mint(address(this), 15_000e6);
        debt.approve(address(vDebt), 15_000e6);
        pool.healAccount(borrower);
        assertEq(vDebt.borrowBalanceCurrent(borrower), 0);
        giveBack(seized / 20);
        assertEq(collateral.balanceOf(BAD_DEBT), seized / 20);
    }

    // ---- forced liquidation, pauses, surplus ----

    function test_AForcedLiquidationTakesAHealthyAccountWhole() public {
        pool.setForcedLiquidation(address(vDebt), true);
        (,, uint256 repay,, uint256 health) = adapter.assess(position);
        assertEq(health, 1e18 - 1);
        assertGe(repay, vDebt.borrowBalanceCurrent(borrower));
        (repay,,) = prepared();
        assertEq(repay, vDebt.borrowBalanceCurrent(borrower));
        _liquidateAsAssessed();
        (,, repay,, health) = adapter.assess(position);
        assertEq(repay, 0);
        assertEq(health, type(uint256).max);
    }

    function test_EachPauseIsKnown() public {
        setPrice(softPrice);
        (address[4] memory markets, uint8[4] memory actions) = (
            [address(vCollateral), address(vCollateral), address(vDebt), address(vDebt)],
            [uint8(1), uint8(4), uint8(3), uint8(5)]
        );
        for (uint256 i; i < 4; ++i) {
            setPaused(markets[i], actions[i], true);
            _assertRefused("paused");
            setPaused(markets[i], actions[i], false);
        }
        _liquidateAsAssessed();
    }

    function test_SurplusThatTheMarketRefusesGoesToTheBorrower() public {
        setPrice(softPrice);
        (,, uint256 repay,,) = adapter.assess(position);
        (, uint256 seized) = liquidate(repay);
        setPaused(address(vCollateral), 0, true);
        giveBack(seized / 20);
        assertEq(collateral.balanceOf(borrower), seized / 20);
        setPaused(address(vCollateral), 0, false);
        giveBack(1); // less than one vToken unit
        assertEq(collateral.balanceOf(borrower), seized / 20 + 1);
        assertHoldsNothing();
    }

    // ---- positions that name other contracts ----

    function test_OnlyMarketsOfThePoolPullTokens() public {
        setPrice(softPrice);
        debt.mint(address(adapter), 1e6);
        bytes memory refusal = abi.encodeWithSelector(VenusAdapter.NotListed.selector, this);
        bytes[2] memory foreign = [abi.encode(borrower, vCollateral, this), abi.encode(borrower, this, vDebt)];
        for (uint256 i; i < 2; ++i) {
            vm.expectRevert(refusal);
            adapter.assess(foreign[i]);
            vm.expectRevert(refusal);
            vm.prank(ESCROW);
            adapter.liquidate(foreign[i], 1e6, 0, recipient);
        }
        assertEq(debt.allowance(address(adapter), address(this)), 0);
    }

    /// @dev Lets this test pose as a vToken.
    function underlying() external view returns (address) {
        return address(debt);
    }

    function test_OneAssetOnBothSidesIsNotServed() public {
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.SameAsset.selector, debt));
        adapter.assess(abi.encode(borrower, vDebt, vDebt));
    }

    function test_APriceWithoutAFeedIsRefused() public {
        pool.setPriceOracle(address(this));
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceMissing.selector, this));
        adapter.assess(position);
    }

    /// @dev Lets this test pose as an oracle that tells no age.
    function getUnderlyingPrice(address) external pure returns (uint256) {
        return 1e18;
    }

    function updatePrice(address) external {}
}
