// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {PriceFeed} from "../../devnet/PriceFeed.sol";
import {TestToken} from "../../devnet/TestToken.sol";
import {ProtocolAdapter} from "../../src/adapters/ProtocolAdapter.sol";
import {ILiquidationAdapter} from "../../src/interfaces/ILiquidationAdapter.sol";
import {Test} from "forge-std/Test.sol";

/// @title What every adapter must do, on the protocol's real contracts.
/// @dev A test of one adapter inherits this, opens a healthy position in `setUp`, and sets the fields.
abstract contract AdapterCompliance is Test {
    uint256 internal constant MAX_PRICE_AGE = 1 days;
    uint256 internal constant BPS = 10_000;

    address internal immutable ESCROW = makeAddr("escrow");
    address internal immutable BAD_DEBT = makeAddr("bad debt recipient");

    /// @notice Gets what is seized.
    address internal recipient = makeAddr("recipient");
    /// @notice The adapter under test, whose escrow is `ESCROW` and bad-debt recipient `BAD_DEBT`.
    ProtocolAdapter internal adapter;
    /// @notice A healthy position with debt, alone in its protocol beside lenders.
    bytes internal position;
    TestToken internal collateral;
    TestToken internal debt;
    PriceFeed internal collateralFeed;
    PriceFeed internal debtFeed;
    /// @notice Parts of the opening collateral price (bps): just liquidatable with room for the bonus, and leaving bad
    /// debt.
    uint256 internal softPrice;
    uint256 internal deepPrice;
    /// @notice Lowest part of the opening price at which the adapter still liquidates.
    uint256 internal deepestPrice = 50;
    /// @notice Whether the adapter trims positions above the protocol's threshold, and leaves what it cannot restore.
    bool internal trims;
    /// @notice Most collateral value per debt value that the protocol hands out, bps.
    uint256 internal bonus;

    int256 internal openingPrice;

    /// @dev Sets the collateral's price as part of the opening one; both prices are fresh afterwards.
    function setPrice(uint256 bps) internal {
        collateralFeed.setAnswer(openingPrice * int256(bps) / int256(BPS));
        debtFeed.setAnswer(debtFeed.latestAnswer());
    }

    /// @dev Liquidates as the escrow would, with `repay` transferred in.
    function liquidate(uint256 repay) internal returns (uint256 repaid, uint256 seized) {
        debt.mint(address(adapter), repay);
        uint256 before = collateral.balanceOf(recipient);
        vm.prank(ESCROW);
        repaid = adapter.liquidate(position, repay, type(uint256).max, recipient);
        seized = collateral.balanceOf(recipient) - before;
    }

    /// @dev Returns surplus as the escrow would, out of what was seized.
    function giveBack(uint256 amount) internal {
        vm.prank(recipient);
        collateral.transfer(address(adapter), amount);
        vm.prank(ESCROW);
        adapter.returnSurplus(position, amount);
    }

    function assertHoldsNothing() internal view {
        assertEq(debt.balanceOf(address(adapter)), 0, "debt left");
        assertEq(collateral.balanceOf(address(adapter)), 0, "collateral left");
        assertEq(debt.allowance(address(adapter), adapter.PROTOCOL()), 0, "debt allowance left");
        assertEq(collateral.allowance(address(adapter), adapter.PROTOCOL()), 0, "collateral allowance left");
    }

    function test_ConstructionIsChecked() public view {
        assertEq(adapter.ESCROW(), ESCROW);
        assertEq(adapter.BAD_DEBT_RECIPIENT(), BAD_DEBT);
        assertEq(adapter.MAX_PRICE_AGE(), MAX_PRICE_AGE);
    }

    function test_AHealthyPositionHasNothingToRepay() public view {
        (address collateralToken, address debtToken, uint256 repay, uint256 seizable, uint256 health) =
            adapter.assess(position);
        assertEq(collateralToken, address(collateral));
        assertEq(debtToken, address(debt));
        assertEq(repay, 0);
        assertEq(seizable, 0);
        assertGe(health, 1e18);
    }

    function test_AHealthyPositionCannotBeLiquidated() public {
        debt.mint(address(adapter), 1e6);
        vm.expectRevert();
        vm.prank(ESCROW);
        adapter.liquidate(position, 1e6, 0, recipient);
    }

    function test_LiquidationDoesExactlyWhatWasAssessed() public {
        setPrice(softPrice);
        _liquidateAsAssessed();
    }

    function test_BadDebtIsLiquidatedExactlyAsAssessed() public {
        if (trims) return; // its own suite says what happens
        setPrice(deepPrice);
        _liquidateAsAssessed();
    }

    function testFuzz_LiquidationDoesExactlyWhatWasAssessed(uint256 bps, uint256 elapsed) public {
        vm.warp(block.timestamp + bound(elapsed, 0, 2 * 365 days));
        setPrice(bound(bps, 50, BPS));
        (,, uint256 repay,, uint256 health) = adapter.assess(position);
        if (health >= 1e18) assertEq(repay, 0);
        else if (!trims || repay != 0) _liquidateAsAssessed();
    }

    function testFuzz_APartSpendsNoMoreThanGiven(uint256 bps, uint256 part) public {
        setPrice(bound(bps, deepestPrice, softPrice));
        (,, uint256 most, uint256 seizable,) = adapter.assess(position);
        uint256 repay = bound(part, most / 1000 + 1, most);
        (uint256 repaid, uint256 seized) = liquidate(repay);
        assertLe(repaid, repay);
        assertGe(repaid, repay - repay / 1000 - 1, "much of it unspent");
        assertLe(seized * most, seizable * (repaid + 2) + 2 * most, "more per unit of debt than in full");
        assertEq(debt.balanceOf(ESCROW), repay - repaid);
        assertHoldsNothing();
    }

    function test_OnlyTheEscrowPrepares() public {
        setPrice(softPrice);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.NotEscrow.selector, address(this)));
        adapter.prepare(position);
    }

    function testFuzz_PreparedOrNotTheOutcomeIsTheSame(uint256 bps, uint256 part) public {
        setPrice(bound(bps, trims ? deepestPrice : 50, softPrice));
        (,, uint256 most, uint256 seizable,) = adapter.assess(position);
        uint256 repay = part % 2 == 0 ? most : bound(part, most / 1000 + 1, most);
        uint256 snapshot = vm.snapshot();
        (uint256 repaid, uint256 seized) = liquidate(repay);
        vm.revertTo(snapshot);
        vm.prank(ESCROW);
        (,, uint256 mostPrepared, uint256 seizablePrepared,) = adapter.prepare(position);
        assertEq(mostPrepared, most);
        assertEq(seizablePrepared, seizable);
        (uint256 repaidPrepared, uint256 seizedPrepared) = liquidate(repay);
        assertEq(repaidPrepared, repaid);
        assertEq(seizedPrepared, seized);
        assertHoldsNothing();
    }

    function test_WhatIsTooMuchIsRefunded() public {
        setPrice(softPrice);
        (,, uint256 repay, uint256 seizable,) = adapter.assess(position);
        (uint256 repaid, uint256 seized) = liquidate(3 * repay);
        assertEq(repaid, repay);
        assertEq(seized, seizable);
        assertEq(debt.balanceOf(ESCROW), 2 * repay);
        assertHoldsNothing();
    }

    function test_TokensLeftHereByOthersAreNeitherCountedNorSpent() public {
        setPrice(softPrice);
        debt.mint(address(adapter), 5);
        collateral.mint(address(adapter), 7);
        collateral.mint(recipient, 9);
        (,, uint256 repay, uint256 seizable,) = adapter.assess(position);
        (uint256 repaid, uint256 seized) = liquidate(repay + 1);
        assertEq(repaid, repay);
        assertEq(seized, seizable);
        assertEq(debt.balanceOf(ESCROW), 1);
        assertEq(debt.balanceOf(address(adapter)), 5);
        assertEq(collateral.balanceOf(address(adapter)), 7);
    }

    function test_LiquidationImprovesHealthAndSurplusDoesAgain() public {
        setPrice(softPrice);
        (,, uint256 repay,, uint256 before) = adapter.assess(position);
        (, uint256 seized) = liquidate(repay);
        (,,,, uint256 afterwards) = adapter.assess(position);
        assertGt(afterwards, before);

        giveBack(seized / 20);
        assertHoldsNothing();
        (,,,, uint256 withSurplus) = adapter.assess(position);
        if (afterwards != type(uint256).max) assertGt(withSurplus, afterwards);
        assertEq(collateral.balanceOf(BAD_DEBT), 0);
    }

    function test_SurplusOfBadDebtGoesToItsRecipient() public {
        if (trims) return; // leaves none
        setPrice(deepPrice);
        uint256 seized;
        for (uint256 repay = 1; repay != 0;) {
            (,, repay,,) = adapter.assess(position);
            if (repay != 0) (, seized) = liquidate(repay);
        }
        giveBack(seized / 20);
        assertEq(collateral.balanceOf(BAD_DEBT), seized / 20);
        assertHoldsNothing();
    }

    function test_NoSurplusIsNoWork() public {
        vm.prank(ESCROW);
        adapter.returnSurplus(position, 0);
    }

    function test_OnlyTheEscrowMayChangeState() public {
        bytes memory refusal = abi.encodeWithSelector(ProtocolAdapter.NotEscrow.selector, address(this));
        vm.expectRevert(refusal);
        adapter.liquidate(position, 1, 0, recipient);
        vm.expectRevert(refusal);
        adapter.returnSurplus(position, 1);
    }

    function test_AnyStalePriceReverts() public {
        uint256 opened = block.timestamp;
        vm.warp(opened + MAX_PRICE_AGE);
        adapter.assess(position);
        vm.warp(opened + MAX_PRICE_AGE + 1);
        debtFeed.setAnswer(debtFeed.latestAnswer());
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.PriceStale.selector, collateralFeed, opened));
        adapter.assess(position);

        setPrice(BPS);
        adapter.assess(position);
        vm.warp(opened + 2 * MAX_PRICE_AGE + 2);
        collateralFeed.setAnswer(openingPrice);
        vm.expectRevert(
            abi.encodeWithSelector(ProtocolAdapter.PriceStale.selector, debtFeed, opened + MAX_PRICE_AGE + 1)
        );
        adapter.assess(position);
    }

    function test_AMissingPriceReverts() public {
        collateralFeed.setAnswer(0);
        vm.expectRevert();
        adapter.assess(position);
        setPrice(BPS);
        debtFeed.setAnswer(-1);
        vm.expectRevert();
        adapter.assess(position);
    }

    function test_OnlyTheCanonicalEncodingIsTaken() public {
        _assertRefused(bytes.concat(position, bytes32(0)));
        _assertRefused(bytes.concat(position, hex"00"));
        _assertRefused("");
        bytes memory shorter = position;
        assembly ("memory-safe") {
            mstore(shorter, sub(mload(shorter), 1))
        }
        _assertRefused(shorter);
    }

    /// @dev The upper bits of every address word, one after the other.
    function test_DirtyUpperBitsAreRefused() public {
        for (uint256 at = position.length % 96 == 0 ? 0 : 32; at < position.length; at += 32) {
            bytes memory dirty = bytes.concat(position);
            dirty[at + 11] = 0x01;
            _assertRefused(dirty);
            dirty = bytes.concat(position);
            dirty[at] = 0x80;
            _assertRefused(dirty);
        }
    }

    function _assertRefused(bytes memory encoding) private {
        vm.expectRevert(ProtocolAdapter.NonCanonicalPosition.selector);
        adapter.assess(encoding);
        vm.startPrank(ESCROW);
        vm.expectRevert(ProtocolAdapter.NonCanonicalPosition.selector);
        adapter.liquidate(encoding, 1, 0, recipient);
        vm.expectRevert(ProtocolAdapter.NonCanonicalPosition.selector);
        adapter.returnSurplus(encoding, 1);
        vm.stopPrank();
    }

    function _liquidateAsAssessed() internal {
        (,, uint256 repay, uint256 seizable, uint256 health) = adapter.assess(position);
        assertGt(repay, 0);
        assertLt(health, 1e18);
        uint256 debtBefore = debt.balanceOf(ESCROW);
        uint256 collateralBefore = collateral.balanceOf(recipient);
        (uint256 repaid, uint256 seized) = liquidate(repay);
        assertEq(repaid, repay, "repaid");
        assertEq(seized, seizable, "seized");
        assertEq(debt.balanceOf(ESCROW), debtBefore, "refund");
        assertEq(collateral.balanceOf(recipient), collateralBefore + seized, "received");
        assertHoldsNothing();

        // The borrower never pays more than the protocol's bonus: values in feed units, less two units' rounding.
        uint256 paid = _value(repaid, debt, debtFeed) * bonus / BPS;
        uint256 slack = _value(2, collateral, collateralFeed) + _value(2, debt, debtFeed);
        assertLe(_value(seized, collateral, collateralFeed), paid + slack, "above the bonus");
    }

    /// @dev Value with 18 decimals beyond the feed's.
    function _value(uint256 amount, TestToken token, PriceFeed feed) private view returns (uint256) {
        return amount * uint256(feed.latestAnswer()) * 1e18 / 10 ** token.decimals();
    }
}
