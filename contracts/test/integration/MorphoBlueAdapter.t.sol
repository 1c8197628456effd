// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {PriceFeed} from "../../devnet/PriceFeed.sol";
import {TestToken} from "../../devnet/TestToken.sol";
import {MorphoAdapter} from "../../src/adapters/MorphoAdapter.sol";
import {MorphoBlueAdapter} from "../../src/adapters/MorphoBlueAdapter.sol";
import {ProtocolAdapter} from "../../src/adapters/ProtocolAdapter.sol";
import {IMorphoOracle, MorphoMarketParams} from "../../src/interfaces/external/IMorphoBlue.sol";
import {MorphoWorld} from "../fixtures/MorphoWorld.sol";

/// @dev An oracle with a price and nothing to tell its age by.
contract BareOracle {
    function price() external pure returns (uint256) {
        return 1e36;
    }
}

/// @notice The Morpho adapter on Morpho Blue itself: 18 decimals of collateral against 6 of debt at 86 %.
contract MorphoBlueAdapterTest is MorphoWorld {
    function setUp() public override {
        super.setUp();
        bonus = 10_439; // 1 / (1 - 0.3 · 0.14), rounded up
        (softPrice, deepPrice) = (8500, 6000); // LTV 88.2 % and 125 %
    }

    function _newAdapter() internal override returns (ProtocolAdapter) {
        return new MorphoBlueAdapter(morpho, ESCROW, BAD_DEBT, MAX_PRICE_AGE, _only(id));
    }

    function test_AllDebtIsTaken() public {
        setPrice(softPrice);
        (uint256 repay, uint256 seizable, uint256 health) = prepared();
        assertEq(repay, 15_000e6);
        // 15,000 / 1,700 · 1.043841…, less what is left of it in the sixth decimal
        assertApproxEqRel(seizable, uint256(15_000e18) * 1e18 / 958e15 / 1700, 1e8);
        assertEq(health, uint256(17_000e18) * 86 / 100 / 15_000);
        liquidate(repay);
        assertEq(_sharesOf(borrower), 0);
    }

    function test_BadDebtTakesTheWholeCollateralForWhatItBuys() public {
        setPrice(deepPrice);
        (uint256 repay, uint256 seizable,) = prepared();
        assertEq(seizable, 10e18);
        assertApproxEqAbs(repay, uint256(12_000e6) * 958 / 1000, 1);
        liquidate(repay);
        assertEq(_collateralOf(borrower), 0);
        assertEq(_sharesOf(borrower), 0, "Morpho writes the rest off");
        assertTrue(MorphoBlueAdapter(address(adapter)).leftBadDebt(id, borrower));
    }

    function test_ExactlyAtTheLimitIsHealthy() public {
        collateralFeed.setAnswer(174_418_604_660); // 15,000 / 8.6, rounded up where the loan token's decimals end
        (uint256 repay,, uint256 health) = prepared();
        assertGe(health, 1e18);
        assertEq(repay, 0);
        collateralFeed.setAnswer(174_418_604_659);
        (repay,, health) = prepared();
        assertLt(health, 1e18);
        _liquidateAsAssessed();
    }

    function test_InterestMakesAPositionUnhealthy() public {
        setPrice(8725);
        (uint256 repay,,) = prepared();
        assertEq(repay, 0);
        vm.warp(block.timestamp + 12 hours);
        (repay,,) = prepared();
        assertGt(repay, 15_000e6);
        _liquidateAsAssessed();
    }

    function testFuzz_AccrualOverTime(uint256 elapsed, uint256 again) public {
        vm.warp(block.timestamp + bound(elapsed, 1, 3 * 365 days));
        lend(morpho, params, lender, 1e6); // accrues
        vm.warp(block.timestamp + bound(again, 0, 365 days));
        setPrice(8000);
        _liquidateAsAssessed();
    }

    function testFuzz_SharesRoundAsMorphos(uint256 amount, uint256 price, uint256 elapsed) public {
        lend(morpho, params, lender, 1e19);
        borrower = makeAddr("another borrower");
        position = abi.encode(id, borrower);
        amount = bound(amount, 1e13, 1e27);
        openLoan(morpho, params, borrower, amount, amount * 1600e6 / 1e18);
        vm.warp(block.timestamp + bound(elapsed, 0, 365 days));
        setPrice(bound(price, 1, 9000));
        (, uint256 seizable, uint256 health) = prepared();
        if (health < 1e18 && seizable != 0) _liquidateAsAssessed();
    }

    function testFuzz_CoarseCollateralFineDebt(uint256 amount, uint256 price) public {
        _create(8, 18, 0.77e18, 40_000e8);
        bonus = 10_742;
        lend(morpho, params, lender, 1e27);
        amount = bound(amount, 1e3, 1000e8);
        openLoan(morpho, params, borrower, amount, amount * 30_000e10);
        setPrice(bound(price, 1, 9700));
        _liquidateAsAssessed();
    }

    function testFuzz_FineDebtAndCollateral(uint256 amount, uint256 price, uint256 lltv) public {
        lltv = bound(lltv, 0.3e18, 0.98e18); // the incentive's maximum too
        _create(18, 18, lltv, 2000e8);
        bonus = 11_500;
        lend(morpho, params, lender, 1e30);
        amount = bound(amount, 1e10, 1e24);
        openLoan(morpho, params, borrower, amount, amount * 2000 * (lltv - 0.01e18) / 1e18);
        setPrice(bound(price, 1, 9600));
        (uint256 repay,,) = prepared();
        if (repay != 0) _liquidateAsAssessed();
    }

    function test_SurplusIsCollateralAlsoOfAClosedPosition() public {
        setPrice(softPrice);
        (uint256 repay,,) = prepared();
        liquidate(repay);
        uint256 before = _collateralOf(borrower);
        giveBack(0.1e18);
        assertEq(_collateralOf(borrower), before + 0.1e18);
        assertFalse(MorphoBlueAdapter(address(adapter)).leftBadDebt(id, borrower));
    }

    function test_SurplusOfAPartOfThePositionRaisesHealth() public {
        setPrice(softPrice);
        (, uint256 seized) = liquidate(5000e6);
        (,,,, uint256 before) = adapter.assess(position);
        giveBack(seized / 20);
        (,,,, uint256 afterwards) = adapter.assess(position);
        assertGt(afterwards, before);
    }

    function test_TakingAllCollateralForAllDebtLeavesNoBadDebt() public {
        _create(8, 18, 0.77e18, 40_000e8);
        lend(morpho, params, lender, 1e27);
        openLoan(morpho, params, borrower, 1000, 1000 * 30_000e10);
        setPrice(8050); // all debt with the incentive buys 1,000.7 units
        (uint256 repay, uint256 seizable,) = prepared();
        assertEq(repay, 1000 * 30_000e10);
        assertEq(seizable, 1000);
        liquidate(repay);
        giveBack(10);
        assertEq(_collateralOf(borrower), 10);
    }

    /// @dev Debts of a few units, where every rounding decides.
    function testFuzz_UnhealthyIsWhatMorphoCallsUnhealthy(uint256 amount, uint256 elapsed, uint256 price) public {
        borrower = makeAddr("another borrower");
        position = abi.encode(id, borrower);
        amount = bound(amount, 1, 40);
        openLoan(morpho, params, borrower, amount * 1e9, amount);
        vm.warp(block.timestamp + bound(elapsed, 0, 2 * 365 days));
        setPrice(bound(price, 4500, 8500));
        (,,,, uint256 health) = adapter.assess(position);
        debt.mint(address(this), 1);
        debt.approve(address(morpho), 1);
        if (health >= 1e18) vm.expectRevert("position is healthy");
        morpho.liquidate(params, borrower, 0, 1, "");
    }

    /// @dev A later sound liquidation, which a borrower can bring about with dust, ends the note no sooner; a later one
    /// that leaves bad debt again makes it last longer.
    function test_BadDebtIsRememberedForThirtyDays() public {
        uint256 from = block.timestamp;
        setPrice(deepPrice);
        (uint256 repay,,) = prepared();
        liquidate(repay);
        setPrice(BPS);
        vm.warp(from + 1 days);
        openLoan(morpho, params, borrower, 10e18, 5000e6);
        setPrice(2850);
        (repay,,) = prepared();
        liquidate(repay / 2);
        vm.warp(from + 30 days - 1);
        assertTrue(MorphoBlueAdapter(address(adapter)).leftBadDebt(id, borrower));
        giveBack(1e18);
        assertEq(collateral.balanceOf(BAD_DEBT), 1e18);
        vm.warp(from + 30 days);
        assertFalse(MorphoBlueAdapter(address(adapter)).leftBadDebt(id, borrower));
        uint256 held = _collateralOf(borrower);
        giveBack(1e18);
        assertEq(_collateralOf(borrower), held + 1e18);

        from = block.timestamp;
        setPrice(1000);
        (repay,,) = prepared();
        liquidate(repay);
        vm.warp(from + 10 days);
        setPrice(BPS);
        openLoan(morpho, params, borrower, 1e18, 1000e6);
        setPrice(1000);
        (repay,,) = prepared();
        liquidate(repay);
        vm.warp(from + 40 days - 1);
        assertTrue(MorphoBlueAdapter(address(adapter)).leftBadDebt(id, borrower));
    }

    function test_APositionWithoutDebtIsHealthy() public view {
        (,, uint256 repay,, uint256 health) = adapter.assess(abi.encode(id, lender));
        assertEq(repay, 0);
        assertEq(health, type(uint256).max);
    }

    function test_OtherMarketsAreNotServed() public {
        bytes32 other = keccak256("other");
        bytes memory refusal = abi.encodeWithSelector(MorphoAdapter.MarketNotServed.selector, other);
        vm.expectRevert(refusal);
        adapter.assess(abi.encode(other, borrower));
        vm.startPrank(ESCROW);
        vm.expectRevert(refusal);
        adapter.liquidate(abi.encode(other, borrower), 1, 0, recipient);
        vm.expectRevert(refusal);
        adapter.returnSurplus(abi.encode(other, borrower), 1);
        vm.stopPrank();
        vm.expectRevert(refusal);
        new MorphoBlueAdapter(morpho, ESCROW, BAD_DEBT, MAX_PRICE_AGE, _only(other));
    }

    function test_AnOracleThatNamesNoFeedsIsNotServed() public {
        params.oracle = address(new BareOracle());
        morpho.createMarket(params);
        bytes32 bare = keccak256(abi.encode(params));
        vm.expectRevert(abi.encodeWithSelector(MorphoAdapter.FeedsUnknown.selector, bare, params.oracle));
        new MorphoBlueAdapter(morpho, ESCROW, BAD_DEBT, MAX_PRICE_AGE, _only(bare));
    }

    function test_OneTokenOnBothSidesIsNotServed() public {
        params.collateralToken = params.loanToken;
        morpho.createMarket(params);
        bytes32 same = keccak256(abi.encode(params));
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.SameAsset.selector, params.loanToken));
        new MorphoBlueAdapter(morpho, ESCROW, BAD_DEBT, MAX_PRICE_AGE, _only(same));
    }

    /// @dev Morpho's own oracle can chain two feeds a side; ours here has none, so the getter is answered for it.
    function test_ASecondFeedMustBeFreshToo() public {
        vm.warp(block.timestamp + MAX_PRICE_AGE);
        PriceFeed second = new PriceFeed("second", 8, 1e8, address(this));
        vm.mockCall(params.oracle, abi.encodeCall(IMorphoOracle.BASE_FEED_2, ()), abi.encode(second));
        adapter.assess(position);
        uint256 answered = block.timestamp;
        vm.warp(answered + MAX_PRICE_AGE + 1);
        setPrice(BPS);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceStale.selector, second, answered));
        adapter.assess(position);
    }

    function test_APriceOfZeroReverts() public {
        vm.mockCall(params.oracle, abi.encodeCall(IMorphoOracle.price, ()), abi.encode(0));
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceMissing.selector, params.oracle));
        adapter.assess(position);
    }
}
