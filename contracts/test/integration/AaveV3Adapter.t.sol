// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {PriceFeed} from "../../devnet/PriceFeed.sol";
import {TestToken} from "../../devnet/TestToken.sol";
import {AaveReader} from "../../src/adapters/AaveReader.sol";
import {AaveV3Adapter} from "../../src/adapters/AaveV3Adapter.sol";
import {ProtocolAdapter} from "../../src/adapters/ProtocolAdapter.sol";
import {IAaveAddressesProvider, IAavePriceCap} from "../../src/interfaces/external/IAaveV3.sol";
import {AssetCap, BaseCap, CurrencyCap, FixedPrice} from "../base/PriceCaps.sol";
import {ISequencer} from "../fixtures/AaveFixture.sol";
import {AaveWorld} from "../fixtures/AaveWorld.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice The Aave adapter on Aave's own contracts: 18 decimals of collateral against 6 of debt.
contract AaveV3AdapterTest is AaveWorld {
    function setUp() public override {
        super.setUp();
        adapter = new AaveV3Adapter(aave.provider, ESCROW, BAD_DEBT, MAX_PRICE_AGE);
        (softPrice, deepPrice) = (9000, 6000); // HF 0.99 and 0.66
        (collateralGrain, refusesDust) = (2, true); // 3.6 rounds half up where the adapter rounds down
    }

    function test_HealthIsThePools() public {
        setPrice(softPrice);
        (,,,, uint256 health) = adapter.assess(position);
        (,,,,, uint256 expected) = aave.pool.getUserAccountData(user);
        assertEq(health, expected);
    }

    function test_HalfIsTakenAboveTheCloseFactorThreshold() public {
        setPrice(9000);
        (uint256 repay,,) = prepared();
        assertEq(repay, 7500e6);
        liquidate(repay);
        assertEq(_debtOf(usdc), 7500e6);
    }

    function test_AllIsTakenAtTheThresholdAndBelow() public {
        setPrice(8630); // HF 0.9493
        (uint256 repay,,) = prepared();
        assertEq(repay, 15_000e6);
        liquidate(repay);
        assertEq(_debtOf(usdc), 0);
    }

    /// @dev HF exactly at 0.95 belongs to the full close factor: price · 10 · 0.825 / 15,000 = 0.95.
    function test_ExactlyTheThresholdTakesAll() public {
        wethFeed.setAnswer(172_727_272_728);
        (uint256 repay,, uint256 health) = prepared();
        assertGt(health, 0.95e18);
        assertEq(repay, 7500e6);
        wethFeed.setAnswer(172_727_272_727);
        (repay,, health) = prepared();
        assertLe(health, 0.95e18);
        assertEq(repay, 15_000e6);
        _liquidateAsAssessed();
    }

    function test_TheProtocolsFeeIsLeftOut() public {
        setPrice(9000);
        (uint256 repay, uint256 seizable,) = prepared();
        // 7,500 / 1,800 · 1.05, less a tenth of the bonus
        uint256 gross = 4.375e18;
        uint256 fee = (gross - (gross * 10_000 + 5250) / 10_500) / 10;
        assertApproxEqAbs(seizable, gross - fee, 2);
        address aToken = aave.pool.getReserveData(address(weth)).aToken;
        liquidate(repay);
        assertApproxEqAbs(IERC20(aToken).balanceOf(aave.treasury), fee, 2);
    }

    function test_BadDebtTakesTheLastUnitOfCollateral() public {
        for (uint256 bps = 7000; bps > 3000; bps -= 370) {
            uint256 snapshot = vm.snapshot();
            setPrice(bps);
            _liquidateAsAssessed();
            assertEq(_collateralOf(weth), 0, "collateral left");
            assertEq(_debtOf(usdc), 0, "Aave writes the rest off");
            assertGt(aave.pool.getReserveDeficit(address(usdc)), 0);
            vm.revertTo(snapshot);
        }
    }

    function test_EachOfTwoCollateralsAndTwoDebts() public {
        deposit(aave, wbtc, user, 0.25e8);
        borrow(aave, dai, user, 6500e18);
        wethFeed.setAnswer(1600e8);
        wbtcFeed.setAnswer(36_000e8);
        uint256 snapshot = vm.snapshot();
        TestToken[2] memory collaterals = [weth, wbtc];
        TestToken[2] memory debts = [usdc, dai];
        for (uint256 i; i < 4; ++i) {
            _watch(collaterals[i / 2], debts[i % 2]);
            _liquidateAsAssessed();
            vm.revertTo(snapshot);
        }
    }

    /// @dev 8 decimals of collateral against 18 of debt, all seized: the coarse side's rounding shows.
    function testFuzz_CoarseCollateralFineDebt(uint256 amount, uint256 price) public {
        amount = bound(amount, 1e3, 100e8);
        user = makeAddr("another user");
        deposit(aave, wbtc, user, amount);
        borrow(aave, dai, user, amount * 28_000e10 * 99 / 100);
        _watch(wbtc, dai);
        wbtcFeed.setAnswer(int256(bound(price, 1000e8, 36_000e8)));
        _liquidateAsAssessed();
    }

    /// @dev 18 decimals of collateral against 6 of debt, small and large.
    function testFuzz_FineCollateralCoarseDebt(uint256 amount, uint256 price) public {
        amount = bound(amount, 1e13, 1000e18);
        user = makeAddr("another user");
        deposit(aave, weth, user, amount);
        borrow(aave, usdc, user, amount * 1600e6 / 1e18 * 99 / 100);
        _watch(weth, usdc);
        wethFeed.setAnswer(int256(bound(price, 100e8, 1800e8)));
        _liquidateAsAssessed();
    }

    /// @dev Positions of a few units, made so that every rounding decides: the assessed amounts are the real ones, but
    /// for the debt that one unit of collateral buys.
    function testFuzz_PositionsMadeOfRoundings(uint256 amount, uint256 owed, uint256 price, uint256 elapsed) public {
        user = makeAddr("another user");
        debtGrain = 400;
        amount = bound(amount, 1, 60);
        deposit(aave, wbtc, user, amount); // 0.0004 dollars a unit
        borrow(aave, usdc, user, bound(owed, 1, amount * 279));
        _watch(wbtc, usdc);
        vm.warp(block.timestamp + bound(elapsed, 0, 500 days));
        setPrice(bound(price, 100, 9900));
        (uint256 repay,,) = prepared();
        if (repay != 0) _liquidateAsAssessed();
    }

    /// @dev With fee, efficiency mode and indexes off one together, on fine and coarse units.
    function testFuzz_EfficiencyModeWithAFee(uint256 amount, uint256 elapsed, uint256 threshold) public {
        _stableMode();
        borrow(aave, dai, lender, 1_000_000e18);
        amount = bound(amount, 1e13, 1_000_000e18);
        deposit(aave, dai, user, amount);
        borrow(aave, usdc, user, amount * 89 / 100 / 1e12);
        _watch(dai, usdc);
        vm.warp(block.timestamp + bound(elapsed, 0, 100 days));
        setMode(aave, 1, 8000, uint16(bound(threshold, 8001, 8700)), 10_200);
        setPrice(BPS);
        bonus = 10_200;
        (uint256 repay,,) = prepared();
        if (repay != 0) _liquidateAsAssessed();
    }

    /// @dev Another user in a mode with USDC and DAI.
    function _stableMode() private {
        setMode(aave, 1, 9000, 9300, 10_200);
        admitToMode(aave, 1, usdc, true, true);
        admitToMode(aave, 1, dai, true, true);
        user = makeAddr("another user");
        vm.prank(user);
        aave.pool.setUserEMode(1);
    }

    function test_InterestCounts() public {
        vm.warp(block.timestamp + 400 days);
        setPrice(9000);
        (uint256 repay,,) = prepared();
        assertGt(repay, 7500e6);
        _liquidateAsAssessed();
    }

    function test_AnEfficiencyModeHasItsOwnBonus() public {
        _stableMode();
        deposit(aave, dai, user, 10_000e18);
        deposit(aave, weth, user, 0.01e18); // outside the category: its own bonus
        borrow(aave, usdc, user, 9000e6);
        daiFeed.setAnswer(0.94e8);
        uint256 snapshot = vm.snapshot();
        _watch(weth, usdc);
        _liquidateAsAssessed();
        vm.revertTo(snapshot);
        _watch(dai, usdc);
        bonus = 10_200;
        _liquidateAsAssessed();
    }

    function test_AStalePriceOfAnyAssetOfTheAccountReverts() public {
        deposit(aave, wbtc, user, 1e8);
        vm.warp(block.timestamp + MAX_PRICE_AGE + 1);
        setPrice(BPS);
        vm.expectRevert(
            abi.encodeWithSelector(ProtocolAdapter.PriceStale.selector, wbtcFeed, block.timestamp - MAX_PRICE_AGE - 1)
        );
        adapter.assess(position);
        wbtcFeed.setAnswer(40_000e8);
        adapter.assess(position); // DAI's is stale, and not used
    }

    /// @dev Any account can supply a stale reserve on another's behalf: what is too little to matter must not stop
    /// liquidations.
    function test_DustOfAStaleReserveStopsNothing() public {
        uint256 opened = block.timestamp;
        vm.warp(opened + MAX_PRICE_AGE + 1);
        setPrice(softPrice); // DAI's and WBTC's stay stale
        (uint256 before,,) = prepared();
        assertGt(before, 0);
        _supplyFor(dai, 2);
        (uint256 repay,,) = prepared();
        assertEq(repay, before);

        // 0.1 % of the weighted collateral of 10 · 1,800 · 0.825 is 14.85 dollars, the dust's own part included.
        _supplyFor(dai, 10e18);
        _supplyFor(wbtc, 0.000229e8); // 9.16 dollars: 8 and 6.87 by their thresholds are too much together
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceStale.selector, daiFeed, opened));
        adapter.assess(position);
        wbtcFeed.setAnswer(40_000e8);
        adapter.assess(position);
        _liquidateAsAssessed();
    }

    function test_HowMuchMayBeStaleIsAThousandthByThreshold() public {
        uint256 opened = block.timestamp;
        vm.warp(opened + MAX_PRICE_AGE + 1);
        setPrice(softPrice);
        _supplyFor(dai, 18.57e18); // · 0.8 = 14.856 of 14,863.5, Aave's average threshold rounded down
        adapter.assess(position);
        _supplyFor(dai, 0.01e18);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceStale.selector, daiFeed, opened));
        adapter.assess(position);
    }

    function test_DustWithoutASourceStopsNothing() public {
        setPrice(softPrice);
        _supplyFor(dai, 2);
        bytes memory getter = abi.encodeCall(aave.oracle.getSourceOfAsset, (address(dai)));
        vm.mockCall(address(aave.oracle), getter, abi.encode(address(0))); // its fallback oracle answers
        adapter.assess(position);
        _supplyFor(dai, 100e18);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceMissing.selector, dai));
        adapter.assess(position);
    }

    /// @dev However little is owed, or held of the position's own collateral.
    function test_StalePricesOfDebtsAndOfThePairAlwaysCount() public {
        borrow(aave, dai, user, 2);
        _supplyFor(wbtc, 10);
        uint256 opened = block.timestamp;
        vm.warp(opened + MAX_PRICE_AGE + 1);
        setPrice(softPrice);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceStale.selector, daiFeed, opened));
        adapter.assess(position);
        daiFeed.setAnswer(1e8);
        adapter.assess(position);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceStale.selector, wbtcFeed, opened));
        adapter.assess(abi.encode(user, wbtc, usdc));
    }

    function _supplyFor(TestToken token, uint256 amount) private {
        token.mint(address(this), amount);
        token.approve(address(aave.pool), amount);
        aave.pool.supply(address(token), amount, user, 0);
    }

    /// @dev Also of a price cap over another one, as Aave has of tokens that stand for a stablecoin.
    function test_APriceCapIsAsFreshAsTheAggregatorBehindIt() public {
        setPrice(softPrice);
        (uint256 repay,,) = prepared();
        _setSource(address(usdc), address(new AssetCap(address(usdcFeed), 1.04e8)));
        _setSource(address(weth), address(new BaseCap(address(new AssetCap(address(wethFeed), 5000e8)), 100)));
        (uint256 capped,,) = prepared();
        assertEq(capped, repay);
        uint256 opened = block.timestamp;
        vm.warp(opened + MAX_PRICE_AGE + 1);
        usdcFeed.setAnswer(1e8);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceStale.selector, wethFeed, opened));
        adapter.assess(position);
        wethFeed.setAnswer(1800e8);
        _liquidateAsAssessed();
    }

    function test_AllAggregatorsBehindAPriceCapMustBeFresh() public {
        PriceFeed euro = new PriceFeed("EUR / USD", 8, 1.1e8, address(this));
        address cap = address(new CurrencyCap(address(usdcFeed), address(euro)));
        _setSource(address(usdc), cap);
        uint256 opened = block.timestamp;
        vm.warp(opened + MAX_PRICE_AGE + 1);
        setPrice(softPrice);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceStale.selector, euro, opened));
        adapter.assess(position);
        euro.setAnswer(1.1e8);
        adapter.assess(position);
        euro.setAnswer(0);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceMissing.selector, cap));
        adapter.assess(position);
    }

    /// @dev Aave would turn to its fallback oracle.
    function test_ACappedPriceOfZeroIsMissing() public {
        address cap = address(new AssetCap(address(usdcFeed), 0));
        _setSource(address(usdc), cap);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceMissing.selector, cap));
        adapter.assess(position);
    }

    function test_ASourceWithoutAnAgeThatNamesNoAggregatorIsNotServed() public {
        address[2] memory sources = [address(new FixedPrice(1e8)), address(new AssetCap(address(usdcFeed), 1.04e8))];
        vm.mockCall(sources[1], abi.encodeCall(IAavePriceCap.ASSET_TO_USD_AGGREGATOR, ()), abi.encode(address(0)));
        for (uint256 i; i < sources.length; ++i) {
            _setSource(address(usdc), sources[i]);
            vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceMissing.selector, sources[i]));
            adapter.assess(position);
        }
    }

    function test_APriceWithoutAnAggregatorReverts() public {
        _setSource(address(weth), address(0));
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceMissing.selector, weth));
        adapter.assess(position);
    }

    function test_WhatAaveRefusesHasNothingToRepay() public {
        setPrice(softPrice);
        _assertNothingToRepay(abi.encode(user, wbtc, usdc)); // not deposited
        _assertNothingToRepay(abi.encode(user, weth, dai)); // not borrowed
        aave.configurator.setReservePause(address(weth), true);
        _assertNothingToRepay(position);
        aave.configurator.setReservePause(address(weth), false);
        aave.configurator.setReservePause(address(usdc), true);
        _assertNothingToRepay(position);
        aave.configurator.setReservePause(address(usdc), false);
        aave.configurator.setReserveFreeze(address(weth), true); // no obstacle
        _liquidateAsAssessed();
    }

    function test_ADepositNotUsedAsCollateralIsNotLiquidated() public {
        deposit(aave, wbtc, user, 1e8);
        vm.prank(user);
        aave.pool.setUserUseReserveAsCollateral(address(wbtc), false);
        setPrice(softPrice);
        _assertNothingToRepay(abi.encode(user, wbtc, usdc));
    }

    function test_TheSentinelProtectsAllButTheDeeplyUnhealthy() public {
        ISequencer sequencer = deploySentinel(aave, 1 hours);
        sequencer.setAnswer(false, block.timestamp);
        setPrice(9000);
        _assertNothingToRepay(position);
        setPrice(8600); // HF < 0.95
        uint256 snapshot = vm.snapshot();
        _liquidateAsAssessed();
        vm.revertTo(snapshot);
        setPrice(9000);
        vm.warp(block.timestamp + 1 hours + 1);
        _liquidateAsAssessed();
    }

    function test_AGracePeriodProtectsBothSides() public {
        setPrice(softPrice);
        address[2] memory assets = [address(weth), address(usdc)];
        for (uint256 i; i < 2; ++i) {
            aave.configurator.setReservePause(assets[i], true);
            aave.configurator.setReservePause(assets[i], false, 1 hours);
            vm.warp(block.timestamp + 1 hours);
            _assertNothingToRepay(position);
            vm.warp(block.timestamp + 1);
            uint256 snapshot = vm.snapshot();
            _liquidateAsAssessed();
            vm.revertTo(snapshot);
        }
    }

    function test_OnlyTheCashOfTheReserveCanBeSeized() public {
        setPrice(softPrice);
        address whale = makeAddr("whale");
        deposit(aave, usdc, whale, 100_000_000e6);
        uint256 cash = weth.balanceOf(aave.pool.getReserveData(address(weth)).aToken);
        borrow(aave, weth, whale, cash - 1e18);
        (, uint256 seizable,) = prepared();
        assertApproxEqAbs(seizable, 1e18, 1e13);
        assertLe(seizable, 1e18);
        _liquidateAsAssessed();
        setPrice(8000);
        (uint256 repay,, uint256 health) = prepared();
        assertLt(health, 1e18);
        assertEq(repay, 0);
    }

    function testFuzz_TheCashBoundIsNeverExceeded(uint256 cash, uint256 bps) public {
        setPrice(bound(bps, 5000, softPrice));
        address whale = makeAddr("whale");
        deposit(aave, usdc, whale, 100_000_000e6);
        uint256 all = weth.balanceOf(aave.pool.getReserveData(address(weth)).aToken);
        borrow(aave, weth, whale, all - bound(cash, 1e12, 3e18));
        _liquidateAsAssessed();
    }

    /// @dev The same where a collateral unit is worth much more than a debt unit.
    function testFuzz_TheCashBoundOfACoarseCollateral(uint256 cash, uint256 amount, uint256 price) public {
        aave.configurator.setLiquidationProtocolFee(address(wbtc), 1000);
        user = makeAddr("another user");
        amount = bound(amount, 0.15e8, 10e8); // above 4,000 dollars, so that a part of it may be left
        deposit(aave, wbtc, user, amount);
        borrow(aave, dai, user, amount * 28_000e10 * 99 / 100);
        _watch(wbtc, dai);
        address whale = makeAddr("whale");
        deposit(aave, usdc, whale, 100_000_000e6);
        borrow(aave, wbtc, whale, amount - bound(cash, amount / 10, amount - 1));
        wbtcFeed.setAnswer(int256(bound(price, 30_000e8, 36_000e8)));
        (uint256 repay,,) = prepared();
        if (repay != 0) _liquidateAsAssessed();
    }

    function test_SurplusIsSuppliedAsCollateral() public {
        setPrice(softPrice);
        (uint256 repay,,) = prepared();
        liquidate(repay);
        uint256 before = _collateralOf(weth);
        giveBack(1e18);
        assertApproxEqAbs(_collateralOf(weth), before + 1e18, 1);
        assertEq(weth.balanceOf(user), 0);
    }

    function test_AFirstDepositIsEnabledAsCollateral() public {
        deposit(aave, wbtc, user, 0.01e8);
        setPrice(6000);
        (uint256 repay,,) = prepared();
        liquidate(repay);
        assertEq(_collateralOf(weth), 0);
        giveBack(1e18);
        assertEq(_collateralOf(weth), 1e18);
        uint256 id = aave.pool.getReserveData(address(weth)).id;
        assertEq(aave.pool.getUserConfiguration(user) >> (2 * id + 1) & 1, 1);
        assertEq(weth.balanceOf(BAD_DEBT), 0);
    }

    function test_SurplusGoesToTheUserWhereTheReserveTakesNone() public {
        setPrice(softPrice);
        (uint256 repay,,) = prepared();
        liquidate(repay);
        uint256 snapshot = vm.snapshot();
        aave.configurator.setReserveFreeze(address(weth), true);
        _assertHandedOver();
        vm.revertTo(snapshot);
        aave.configurator.setReservePause(address(weth), true);
        _assertHandedOver();
        vm.revertTo(snapshot);
        uint256 supplied = IERC20(aave.pool.getReserveData(address(weth)).aToken).totalSupply() / 1e18;
        aave.configurator.setSupplyCap(address(weth), supplied + 1);
        _assertHandedOver();
        vm.revertTo(snapshot);
        aave.configurator.setSupplyCap(address(weth), supplied + 3);
        giveBack(1e18);
        assertEq(weth.balanceOf(user), 0);
    }

    /// @dev Aave refuses a supply that its index scales to nothing.
    function test_ASurplusTooSmallForTheIndexIsHandedOver() public {
        borrow(aave, weth, lender, 9500e18);
        vm.warp(block.timestamp + 3000 days);
        deposit(aave, weth, lender, 1e18);
        uint256 index = aave.pool.getReserveNormalizedIncome(address(weth));
        assertGt(index, 2e27);
        weth.mint(recipient, 100);
        giveBack(1);
        assertEq(weth.balanceOf(user), 1);
        uint256 held = _collateralOf(weth);
        giveBack(2 * index / 1e27 + 1);
        assertEq(weth.balanceOf(user), 1);
        assertGt(_collateralOf(weth), held);
        assertHoldsNothing();
    }

    /// @dev What Aave owes its treasury counts against the cap, though it is not minted yet.
    function test_TheTreasurysPartCountsAgainstTheSupplyCap() public {
        borrow(aave, weth, lender, 2000e18);
        vm.warp(block.timestamp + 365 days);
        deposit(aave, weth, lender, 1e18);
        setPrice(softPrice);
        (uint256 repay,,) = prepared();
        liquidate(repay);
        uint256 supplied = IERC20(aave.pool.getReserveData(address(weth)).aToken).totalSupply();
        uint256 cap = supplied / 1e18 + 3;
        aave.configurator.setSupplyCap(address(weth), cap);
        uint256 room = cap * 1e18 - supplied - 1e9; // above what is minted, below what is owed
        giveBack(room);
        assertEq(weth.balanceOf(user), room);
    }

    function test_UnknownReservesAndOneAssetOnBothSidesAreRefused() public {
        setPrice(softPrice);
        vm.expectRevert(abi.encodeWithSelector(AaveReader.UnknownReserve.selector, address(1)));
        adapter.assess(abi.encode(user, address(1), usdc));
        vm.expectRevert(abi.encodeWithSelector(AaveReader.UnknownReserve.selector, address(1)));
        adapter.assess(abi.encode(user, weth, address(1)));
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.SameAsset.selector, usdc));
        adapter.assess(abi.encode(user, usdc, usdc));
    }

    function test_ConstructionNeedsAllAddresses() public {
        IAaveAddressesProvider provider = aave.provider;
        vm.expectRevert(ProtocolAdapter.ZeroAddress.selector);
        new AaveV3Adapter(provider, address(0), BAD_DEBT, 1);
        vm.expectRevert(ProtocolAdapter.ZeroAddress.selector);
        new AaveV3Adapter(provider, ESCROW, address(0), 1);
    }

    function _assertNothingToRepay(bytes memory encoding) private view {
        (,, uint256 repay, uint256 seizable, uint256 health) = adapter.assess(encoding);
        assertEq(repay, 0);
        assertEq(seizable, 0);
        assertLt(health, 1e18);
    }

    function _assertHandedOver() private {
        uint256 before = weth.balanceOf(user);
        uint256 deposited = _collateralOf(weth);
        giveBack(2e18);
        assertEq(weth.balanceOf(user), before + 2e18);
        assertEq(_collateralOf(weth), deposited);
        assertHoldsNothing();
    }
}
