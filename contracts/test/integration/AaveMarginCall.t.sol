// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {TestToken} from "../../devnet/TestToken.sol";
import {AaveMarginCall} from "../../src/adapters/AaveMarginCall.sol";
import {AaveViewHelper} from "../../src/adapters/AaveViewHelper.sol";
import {ProtocolAdapter} from "../../src/adapters/ProtocolAdapter.sol";
import {IMarginCall, MarginTerms} from "../../src/interfaces/IMarginCall.sol";
import {MarginCallCompliance} from "../adapters/MarginCallCompliance.sol";
import {AssetCap} from "../base/PriceCaps.sol";
import {ISequencer} from "../fixtures/AaveFixture.sol";
import {AaveWorld} from "../fixtures/AaveWorld.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @notice Margin calls on Aave's own contracts: 18 decimals of collateral against 6 of debt.
contract AaveMarginCallTest is MarginCallCompliance, AaveWorld {
    function setUp() public override {
        super.setUp();
        adapter = new AaveMarginCall(aave.provider, ESCROW, BAD_DEBT, MAX_PRICE_AGE, _bounds());
        _optIn();
        // health 1.10: 1.045, below (1 + penalty) · threshold, and just above 1
        (softPrice, deepPrice, deepestPrice) = (9500, 7000, 9100);
    }

    function _borrower() internal view override returns (address) {
        return user;
    }

    function _borrowerName() internal pure override returns (string memory) {
        return "user";
    }

    function _aToken(TestToken token) private view returns (IERC20) {
        return IERC20(aave.pool.getReserveData(address(token)).aToken);
    }

    function _permit(bool given) internal override {
        vm.startPrank(user);
        _aToken(collateral).approve(address(adapter), given ? type(uint256).max : 0);
        vm.stopPrank();
    }

    function _rawHealth() internal view override returns (uint256 health) {
        (,,,,, health) = aave.pool.getUserAccountData(user);
    }

    function _held() internal view override returns (uint256) {
        return _aToken(collateral).balanceOf(user);
    }

    function _enter(TestToken collateral_, uint256 deposited, TestToken debt_, uint256 borrowed) private {
        user = makeAddr("another user");
        _open(collateral_, deposited, debt_, borrowed);
        _optIn();
    }

    function _assertTrims() private {
        uint256 before = _rawHealth();
        _liquidateAsAssessed();
        assertGe(_rawHealth(), before);
        assertEq(_aToken(collateral).balanceOf(address(adapter)), 0, "aTokens left");
    }

    /// @dev Liquidity indexes off one, where a scaled balance can't hit every amount: the wanted amount is taken
    /// exactly.
    function testFuzz_ScaledBalancesLoseNothing(uint256 wanted, uint256 elapsed, uint256 wantedPart) public {
        borrow(aave, weth, lender, 3000e18);
        vm.warp(block.timestamp + bound(elapsed, 1 days, 3000 days));
        deposit(aave, weth, makeAddr("toucher"), 1e18);
        setPrice(BPS);
        (,, uint256 repay, uint256 seizable, uint256 health) = adapter.assess(position);
        for (uint256 bps = BPS; health >= 1e18; bps -= 50) {
            setPrice(bps);
            (,, repay, seizable, health) = adapter.assess(position);
        }
        if (repay == 0) return;
        wanted = wantedPart % 2 == 0 ? bound(wanted, 1, 1000) : bound(wanted, 1, seizable);
        uint256 before = _rawHealth();
        (uint256 repaid, uint256 seized) = _take(repay, wanted);
        assertEq(repaid, repay);
        assertEq(seized, wanted);
        assertGe(_rawHealth(), before);
        assertEq(_aToken(weth).balanceOf(address(adapter)), 0);
        assertHoldsNothing();
    }

    function testFuzz_CoarseCollateralFineDebt(uint256 amount, uint256 bps, uint256 elapsed) public {
        amount = bound(amount, 1e4, 100e8);
        _enter(wbtc, amount, dai, amount * 27_900e10);
        vm.warp(block.timestamp + bound(elapsed, 0, 30 days));
        setPrice(bound(bps, 8000, 9900));
        (,, uint256 repay,,) = adapter.assess(position);
        if (repay != 0) _assertTrims();
    }

    function testFuzz_FineCollateralCoarseDebt(uint256 amount, uint256 bps, uint256 elapsed) public {
        amount = bound(amount, 1e14, 1000e18);
        _enter(weth, amount, usdc, amount * 1590e6 / 1e18);
        vm.warp(block.timestamp + bound(elapsed, 0, 30 days));
        setPrice(bound(bps, 8000, 9900));
        (,, uint256 repay,,) = adapter.assess(position);
        if (repay != 0) _assertTrims();
    }

    function test_TheProtocolsFeeAndBonusAreNotPaid() public {
        setPrice(softPrice);
        address treasury = aave.treasury;
        uint256 before = _aToken(weth).balanceOf(treasury);
        _assertTrims();
        assertEq(_aToken(weth).balanceOf(treasury), before);
    }

    function test_EachOfTwoCollateralsAndTwoDebts() public {
        deposit(aave, wbtc, user, 0.25e8);
        borrow(aave, dai, user, 6500e18);
        wethFeed.setAnswer(1810e8);
        wbtcFeed.setAnswer(38_000e8);
        uint256 snapshot = vm.snapshot();
        TestToken[2] memory collaterals = [weth, wbtc];
        TestToken[2] memory debts = [usdc, dai];
        for (uint256 i; i < 4; ++i) {
            _watch(collaterals[i / 2], debts[i % 2]);
            _permit(true);
            vm.prank(user);
            _margin().setTerms(position, terms);
            bonus = BPS + terms.penaltyBps;
            assertGt(_callableNow(), 0);
            _assertTrims();
            vm.revertTo(snapshot);
        }
    }

    /// @dev Health counts all collaterals and debts, the pair is bounded by its own.
    function test_ASmallPairIsTakenWholeAndNoMore() public {
        deposit(aave, wbtc, user, 0.01e8);
        borrow(aave, dai, user, 100e18);
        wethFeed.setAnswer(1850e8);
        _watch(wbtc, usdc);
        _permit(true);
        vm.prank(user);
        _margin().setTerms(position, terms);
        bonus = BPS + terms.penaltyBps;
        (,,, uint256 seizable,) = adapter.assess(position);
        assertApproxEqAbs(seizable, 0.01e8, 2);
        uint256 before = _rawHealth();
        _liquidateAsAssessed();
        assertGe(_rawHealth(), before);
        assertLe(_held(), 2, "a rounding's worth");

        _watch(weth, dai);
        _permit(true);
        vm.prank(user);
        _margin().setTerms(position, terms);
        bonus = BPS + terms.penaltyBps;
        (,, uint256 repay,,) = adapter.assess(position);
        assertEq(repay, 100e18);
        _assertTrims();
        assertEq(_debtOf(dai), 0);
    }

    /// @dev What a liquidation may not do, a margin call may not do either.
    function test_TheSentinelProtectsFromMarginCallsToo() public {
        ISequencer sequencer = deploySentinel(aave, 1 hours);
        setPrice(softPrice);
        sequencer.setAnswer(true, block.timestamp); // down
        _assertProtected();
        sequencer.setAnswer(false, block.timestamp);
        _assertProtected();
        vm.warp(block.timestamp + 1 hours);
        _assertProtected();
        vm.warp(block.timestamp + 1);
        assertGt(_callableNow(), 0);
        _assertTrims();
    }

    function test_AGracePeriodProtectsFromMarginCallsToo() public {
        setPrice(softPrice);
        address[2] memory assets = [address(weth), address(usdc)];
        for (uint256 i; i < 2; ++i) {
            aave.configurator.setReservePause(assets[i], true);
            aave.configurator.setReservePause(assets[i], false, 1 hours);
            _assertProtected();
            vm.warp(block.timestamp + 1 hours);
            _assertProtected();
            vm.warp(block.timestamp + 1);
            uint256 snapshot = vm.snapshot();
            assertGt(_callableNow(), 0);
            _assertTrims();
            vm.revertTo(snapshot);
        }
    }

    function _assertProtected() private {
        assertEq(_callableNow(), 0);
        bytes memory refusal = abi.encodeWithSelector(IMarginCall.NotCallable.selector, _rawHealth());
        vm.prank(ESCROW);
        vm.expectRevert(refusal);
        adapter.liquidate(position, 1000e6, 1, ESCROW);
    }

    function test_EfficiencyModeHasItsOwnThreshold() public {
        setMode(aave, 1, 9000, 9300, 10_200);
        admitToMode(aave, 1, usdc, true, true);
        admitToMode(aave, 1, dai, true, true);
        user = makeAddr("another user");
        vm.prank(user);
        aave.pool.setUserEMode(1);
        terms = MarginTerms(10_200, 10_500, 50);
        _open(dai, 10_000e18, usdc, 8900e6);
        _optIn();
        setPrice(9750);
        assertGt(_callableNow(), 0);
        _assertTrims();
        assertApproxEqRel(_rawHealth(), 1.05e18, 2e14);
    }

    function test_TheAllowanceBoundsWhatCanBeTaken() public {
        setPrice(softPrice);
        vm.startPrank(user);
        _aToken(weth).approve(address(adapter), 0.5e18);
        vm.stopPrank();
        (,, uint256 repay, uint256 seizable,) = adapter.assess(position);
        assertApproxEqAbs(seizable, 0.5e18, 1e10);
        assertLe(seizable, 0.5e18);
        _take(repay, seizable);
        assertEq(_callableNow(), 0, "used up");
    }

    function test_TheCashOfTheReserveBoundsWhatCanBeTaken() public {
        setPrice(softPrice);
        address whale = makeAddr("whale");
        deposit(aave, usdc, whale, 100_000_000e6);
        borrow(aave, weth, whale, weth.balanceOf(address(_aToken(weth))) - 1e18);
        (,,, uint256 seizable,) = adapter.assess(position);
        assertApproxEqAbs(seizable, 1e18, 1e10);
        _assertTrims();
    }

    function test_AaveMustLetTheCollateralGo() public {
        setPrice(softPrice);
        uint256 snapshot = vm.snapshot();
        aave.configurator.setReservePause(address(weth), true);
        assertEq(_callableNow(), 0);
        vm.revertTo(snapshot);
        aave.configurator.setReservePause(address(usdc), true);
        assertEq(_callableNow(), 0);
        vm.revertTo(snapshot);
        // Another collateral lends nothing: Aave lets only that one go.
        deposit(aave, wbtc, user, 0.001e8);
        assertGt(_callableNow(), 0);
        aave.configurator.configureReserveAsCollateral(address(wbtc), 0, 7500, 10_650);
        assertEq(_callableNow(), 0);
        _watch(wbtc, usdc);
        _permit(true);
        vm.prank(user);
        _margin().setTerms(position, terms);
        bonus = BPS + terms.penaltyBps;
        assertGt(_callableNow(), 0);
        _assertTrims();
        vm.revertTo(snapshot);
        deposit(aave, wbtc, user, 1e8);
        vm.prank(user);
        aave.pool.setUserUseReserveAsCollateral(address(wbtc), false);
        vm.startPrank(user);
        _aToken(wbtc).approve(address(adapter), type(uint256).max);
        vm.stopPrank();
        assertEq(_callableOf(abi.encode(user, wbtc, usdc)), 0);
    }

    /// @dev Any account can supply it on the borrower's behalf: too little to matter.
    function test_DustOfAStaleReserveStopsNoCall() public {
        uint256 opened = block.timestamp;
        vm.warp(opened + MAX_PRICE_AGE + 1);
        setPrice(softPrice);
        dai.mint(address(this), 20e18);
        dai.approve(address(aave.pool), 20e18);
        aave.pool.supply(address(dai), 2, user, 0);
        assertGt(_callableNow(), 0);
        aave.pool.supply(address(dai), 20e18 - 2, user, 0);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceStale.selector, daiFeed, opened));
        adapter.assess(position);
        daiFeed.setAnswer(1e8);
        _assertTrims();
    }

    function test_APriceCapIsAsFreshAsTheAggregatorBehindIt() public {
        _setSource(address(usdc), address(new AssetCap(address(usdcFeed), 1.04e8)));
        setPrice(softPrice);
        _assertTrims();
        uint256 answered = block.timestamp;
        vm.warp(answered + MAX_PRICE_AGE + 1);
        wethFeed.setAnswer(1900e8);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceStale.selector, usdcFeed, answered));
        adapter.assess(position);
    }

    function _callableOf(bytes memory other) private returns (uint256 repay) {
        vm.prank(user);
        _margin().setTerms(other, terms);
        (,, repay,,) = adapter.assess(other);
    }

    function test_PermissionByTheATokensOwnPermit() public {
        _permit(false);
        (, uint256 key) = makeAddrAndKey("user");
        IERC20Permit aToken = IERC20Permit(address(_aToken(weth)));
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                user,
                address(adapter),
                type(uint256).max,
                aToken.nonces(user),
                block.timestamp
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", aToken.DOMAIN_SEPARATOR(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        aToken.permit(user, address(adapter), type(uint256).max, block.timestamp, v, r, s);
        setPrice(softPrice);
        assertGt(_callableNow(), 0);
    }

    function test_ATokenAllowanceIsAllItHas() public {
        setPrice(softPrice);
        deposit(aave, wbtc, user, 0.001e8);
        uint256 others = _aToken(wbtc).balanceOf(user);
        uint256 owed = _debtOf(usdc);
        uint256 repay = _callableNow();
        _take(repay, type(uint256).max);
        assertEq(_aToken(wbtc).balanceOf(user), others);
        assertApproxEqAbs(_debtOf(usdc), owed - repay, 1);
        assertEq(usdc.balanceOf(user), 15_000e6, "what was borrowed");
    }

    /// @dev An allowance of next to nothing stops every call, so it counts as taken away.
    function test_AnAllowanceOfDustCountsAsRevoked() public {
        setPrice(softPrice);
        vm.startPrank(user);
        _aToken(weth).approve(address(adapter), 0.1e18); // a hundredth of the deposit
        vm.stopPrank();
        vm.expectRevert(IMarginCall.StillPermitted.selector);
        _margin().noteRevoked(position);
        vm.startPrank(user);
        _aToken(weth).approve(address(adapter), 0.099e18);
        vm.stopPrank();
        _margin().noteRevoked(position);
        _permit(true);
        assertEq(_callableNow(), 0);
    }

    /// @dev The view helper's order is right: for the same debt repaid, the lower threshold leaves the higher health.
    function test_TheLowestThresholdFirstLiftsHealthMost() public {
        AaveViewHelper viewHelper = new AaveViewHelper(aave.provider);
        deposit(aave, wbtc, user, 0.25e8);
        borrow(aave, dai, user, 6500e18);
        wethFeed.setAnswer(1790e8);
        (bytes memory first, AaveViewHelper.Holding[] memory held, AaveViewHelper.Owing[] memory owed) =
            viewHelper.suggest(user);
        assertEq(first, abi.encode(user, wbtc, usdc));
        assertEq(held[0].threshold, 7500);
        assertEq(held[1].asset, address(weth));
        assertEq(owed[0].value, 15_000e8);
        uint256[2] memory health;
        uint256 snapshot = vm.snapshot();
        for (uint256 i; i < 2; ++i) {
            _watch(i == 0 ? wbtc : weth, usdc);
            _permit(true);
            vm.prank(user);
            _margin().setTerms(position, terms);
            _take(2000e6, type(uint256).max);
            health[i] = _rawHealth();
            vm.revertTo(snapshot);
        }
        assertGt(health[0], health[1]);
    }
}
