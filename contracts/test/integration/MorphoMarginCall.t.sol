// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MorphoMarginCall} from "../../src/adapters/MorphoMarginCall.sol";
import {ProtocolAdapter} from "../../src/adapters/ProtocolAdapter.sol";
import {IMarginCall, MarginBounds, MarginTerms} from "../../src/interfaces/IMarginCall.sol";
import {MarginCallCompliance} from "../adapters/MarginCallCompliance.sol";
import {MorphoAuthorization, MorphoSignature} from "../fixtures/MorphoFixture.sol";
import {MorphoWorld} from "../fixtures/MorphoWorld.sol";

/// @notice Margin calls on Morpho Blue itself: 18 decimals of collateral against 6 of debt at 86 %.
contract MorphoMarginCallTest is MarginCallCompliance, MorphoWorld {
    function setUp() public override {
        super.setUp();
        _optIn();
        // health 1.147: 1.043, below (1 + penalty) · LLTV, and just above 1
        (softPrice, deepPrice, deepestPrice) = (9100, 7000, 8730);
    }

    function _newAdapter() internal override returns (ProtocolAdapter) {
        return new MorphoMarginCall(morpho, ESCROW, BAD_DEBT, MAX_PRICE_AGE, _only(id), _bounds());
    }

    function _borrower() internal view override returns (address) {
        return borrower;
    }

    function _borrowerName() internal pure override returns (string memory) {
        return "borrower";
    }

    function _permit(bool given) internal override {
        vm.prank(borrower);
        morpho.setAuthorization(address(adapter), given);
    }

    function _rawHealth() internal view override returns (uint256) {
        (, bytes memory answer) =
            address(adapter).staticcall(abi.encodeCall(adapter.assess, (abi.encode(id, borrower))));
        (,,,, uint256 relative) = abi.decode(answer, (address, address, uint256, uint256, uint256));
        (MarginTerms memory inForce,,) = _margin().termsOf(position);
        if (inForce.triggerBps == 0 || relative == type(uint256).max) return relative;
        return _exactHealth();
    }

    /// @dev Once more, independent of the adapter: after an accrual Morpho's own totals say it.
    function _exactHealth() private view returns (uint256) {
        uint256 shares = morpho.position(id, borrower).borrowShares;
        uint256 totalAssets = morpho.market(id).totalBorrowAssets + _pendingInterest();
        uint256 totalShares = uint256(morpho.market(id).totalBorrowShares) + 1e6;
        uint256 owed = (shares * (totalAssets + 1) + totalShares - 1) / totalShares;
        uint256 price = uint256(collateralFeed.latestAnswer()) * 10 ** (36 + debt.decimals() - collateral.decimals())
            / uint256(debtFeed.latestAnswer());
        return _held() * price / 1e36 * params.lltv / 1e18 * 1e18 / owed;
    }

    /// @dev The model's rate is utilisation a year; the same series as Morpho's.
    function _pendingInterest() private view returns (uint256) {
        uint256 elapsed = block.timestamp - morpho.market(id).lastUpdate;
        uint256 borrowed = morpho.market(id).totalBorrowAssets;
        uint256 rate = borrowed * 1e18 / morpho.market(id).totalSupplyAssets / 365 days;
        uint256 first = rate * elapsed;
        uint256 second = first * first / 2e18;
        return borrowed * (first + second + second * first / 3e18) / 1e18;
    }

    function _held() internal view override returns (uint256) {
        return _collateralOf(borrower);
    }

    function _enter(uint8 collateralDecimals, uint8 loanDecimals, uint256 lltv, int256 price) private {
        _create(collateralDecimals, loanDecimals, lltv, price);
        lend(morpho, params, lender, 1e32);
        _optIn();
    }

    function testFuzz_CoarseCollateralFineDebt(uint256 amount, uint256 bps, uint256 wanted) public {
        _enter(8, 18, 0.77e18, 40_000e8);
        amount = bound(amount, 1e3, 1000e8);
        openLoan(morpho, params, borrower, amount, amount * 27_500e10);
        _trim(bound(bps, 8000, 10_000), wanted);
    }

    function testFuzz_FineCollateralCoarseDebt(uint256 amount, uint256 bps, uint256 wanted) public {
        _enter(18, 6, 0.86e18, 2000e8);
        amount = bound(amount, 1e13, 1e27);
        openLoan(morpho, params, borrower, amount, amount * 1600e6 / 1e18);
        _trim(bound(bps, 8000, 10_000), wanted);
    }

    function testFuzz_FineBoth(uint256 amount, uint256 bps, uint256 wanted, uint256 lltv) public {
        lltv = bound(lltv, 0.3e18, 0.945e18);
        _enter(18, 18, lltv, 2000e8);
        amount = bound(amount, 1e6, 1e24);
        openLoan(morpho, params, borrower, amount, amount * 2000 * lltv / 1e18 * 100 / 104);
        _trim(bound(bps, 8000, 10_000), wanted);
    }

    function _trim(uint256 bps, uint256 wanted) private {
        vm.warp(block.timestamp + 1 hours);
        setPrice(bps);
        (,, uint256 repay, uint256 seizable,) = adapter.assess(position);
        if (repay == 0) return;
        uint256 before = _rawHealth();
        wanted = bound(wanted, 1, seizable);
        (uint256 repaid, uint256 seized) = _take(repay, wanted);
        assertEq(repaid, repay);
        assertEq(seized, wanted);
        assertGe(_rawHealth(), before);
        assertHoldsNothing();
    }

    function test_AtAHighLimitTheMarginIsThin() public {
        _enter(18, 18, 0.98e18, 2000e8);
        openLoan(morpho, params, borrower, 10e18, 18_800e18);
        // (1 + 2 %) · 98 % = 0.9996: callable down to about Morpho's own threshold, below which it would not let go
        setPrice(9950);
        assertGt(_callableNow(), 0);
        _liquidateAsAssessed();
        setPrice(9000);
        assertEq(_callableNow(), 0);
    }

    function test_PermissionByMorphosOwnSignature() public {
        _permit(false);
        (, uint256 key) = makeAddrAndKey("borrower");
        MorphoAuthorization memory authorization =
            MorphoAuthorization(borrower, address(adapter), true, morpho.nonce(borrower), block.timestamp);
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Authorization(address authorizer,address authorized,bool isAuthorized,uint256 nonce,uint256 deadline)"
                ),
                authorization
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", morpho.DOMAIN_SEPARATOR(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        morpho.setAuthorizationWithSig(authorization, MorphoSignature(v, r, s));
        setPrice(softPrice);
        assertGt(_callableNow(), 0);
    }

    /// @dev The collateral of a position closed since is the borrower's all the same.
    function test_SurplusOfAClosedPositionIsTheBorrowers() public {
        setPrice(softPrice);
        (, uint256 seized) = _take(_callableNow(), type(uint256).max);
        debt.mint(borrower, 1e12);
        vm.startPrank(borrower);
        debt.approve(address(morpho), type(uint256).max);
        morpho.repay(params, 0, _sharesOf(borrower), borrower, "");
        vm.stopPrank();
        uint256 held = _held();
        giveBack(seized / 10);
        assertEq(_held(), held + seized / 10);
    }

    function test_BoundsMustMakeSense() public {
        MarginBounds[6] memory refused = [
            MarginBounds(9999, 10_200, 20_000, 10, 1000),
            MarginBounds(11_001, 10_200, 20_000, 10, 1000),
            MarginBounds(11_000, 20_001, 20_000, 10, 1000),
            MarginBounds(11_000, 9000, 10_000, 10, 1000),
            MarginBounds(11_000, 10_200, 20_000, 1001, 1000),
            MarginBounds(11_000, 10_200, 20_000, 10, 10_000)
        ];
        for (uint256 i; i < refused.length; ++i) {
            vm.expectRevert(IMarginCall.BoundsInvalid.selector);
            new MorphoMarginCall(morpho, ESCROW, BAD_DEBT, MAX_PRICE_AGE, _only(id), refused[i]);
        }
    }
}
