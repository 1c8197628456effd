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
    /// @notice The longest time between an assessment and its landing that adapters allow for, seconds.
    uint256 internal constant LANDS_WITHIN = 60;
    /// @notice Least part, bps, that a landing must repay of what was assessed and of what the protocol allows then:
    /// the deployer's default of `minPartBps`.
    uint256 internal constant LEAST_PART = 4500;
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
    /// @notice Lowest part of the opening price (bps) at which the adapter still liquidates; no test goes below.
    uint256 internal deepestPrice = 50;
    /// @notice Units by which the protocol's own rounding makes a liquidation differ from its assessment: collateral
    /// handed out beyond it (never less), debt taken below it. Of a protocol of shares: the value of one share unit.
    uint256 internal collateralGrain;
    uint256 internal debtGrain;
    /// @notice Whether the protocol refuses to leave a little debt or collateral. Then the adapter cuts a part down to
    /// one that leaves enough, and refuses it where none does.
    bool internal refusesDust;
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

    /// @dev What the protocol takes and hands out now, as the escrow asks in the transaction of a landing.
    function prepared() internal returns (uint256 repay, uint256 seizable, uint256 health) {
        vm.prank(ESCROW);
        (,, repay, seizable, health) = adapter.prepare(position);
    }

    /// @dev Lands what `assess` named some time ago, as the escrow does.
    function land(uint256 assessed) internal returns (uint256 allowed, uint256 repaid, uint256 seized) {
        (allowed,,) = prepared();
        uint256 repay = allowed < assessed ? allowed : assessed;
        assertGe(repay * BPS, assessed * LEAST_PART, "much less is allowed than was assessed");
        (repaid, seized) = liquidate(repay);
        assertGe(repaid * BPS, allowed * LEAST_PART, "much less was repaid than is allowed");
        assertHoldsNothing();
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
        address[] memory spenders = _spenders();
        for (uint256 i; i < spenders.length; ++i) {
            assertEq(debt.allowance(address(adapter), spenders[i]), 0, "debt allowance left");
            assertEq(collateral.allowance(address(adapter), spenders[i]), 0, "collateral allowance left");
        }
    }

    /// @dev The protocol's contracts that pull tokens.
    function _spenders() internal view virtual returns (address[] memory spenders) {
        spenders = new address[](1);
        spenders[0] = adapter.PROTOCOL();
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
        setPrice(bound(bps, deepestPrice, BPS));
        (,, uint256 repay,, uint256 health) = adapter.assess(position);
        if (health >= 1e18) assertEq(repay, 0);
        else if (!trims || repay != 0) _liquidateAsAssessed();
    }

    /// @dev Interest accrues and prices move between the auction and the landing. What was bid for still lands; after
    /// time alone it takes as much as a landing at once would: no rest is left that the protocol would have let go.
    function testFuzz_WhatWasAssessedLandsAMinuteLater(uint256 bps, uint256 elapsed, uint256 move) public {
        bps = bound(bps, deepestPrice, softPrice);
        setPrice(bps);
        (,, uint256 assessed, uint256 seizable,) = adapter.assess(position);
        if (assessed == 0 && trims) return;
        vm.warp(block.timestamp + bound(elapsed, 1, LANDS_WITHIN));
        (uint256 allowed, uint256 repaid, uint256 seized) = (0, 0, 0);
        if (move % 2 == 0) {
            (allowed, repaid, seized) = land(assessed);
            if (!trims) assertGe(repaid + debtGrain, allowed, "a rest of interest is left");
            // The price that was bid on: no less collateral for a debt unit, but for a unit of each.
            assertGe(
                (seized + 1 + collateralGrain) * assessed + (3 + debtGrain) * seizable,
                seizable * repaid,
                "less for a debt unit"
            );
        } else if (!trims) {
            collateralFeed.setAnswer(collateralFeed.latestAnswer() * int256(bound(move, 9900, 10_100)) / int256(BPS));
            (,, uint256 health) = prepared();
            if (health < 1e18) land(assessed);
        }
    }

    function testFuzz_AnAssessmentNamesWhatIsTakenAndLittleMore(uint256 bps) public {
        setPrice(bound(bps, deepestPrice, softPrice));
        (,, uint256 assessed, uint256 seizable,) = adapter.assess(position);
        (uint256 allowed, uint256 now_,) = prepared();
        assertGe(assessed, allowed);
        assertLe(assessed, allowed + allowed / 40 + 1, "the solver must hold much more than is taken");
        assertLe(seizable * allowed, now_ * assessed, "a better price than the protocol's");
    }

    function testFuzz_APartSpendsNoMoreThanGiven(uint256 bps, uint256 part) public {
        setPrice(bound(bps, deepestPrice, softPrice));
        (uint256 most, uint256 seizable,) = prepared();
        uint256 repay = bound(part, most / 1000 + 1, most);
        (bool taken, uint256 repaid, uint256 seized) = _tryPart(repay);
        if (!taken) return;
        assertLe(repaid, repay);
        if (!refusesDust) assertGe(repaid + debtGrain, repay - repay / 1000 - 1, "much of it unspent");
        assertLe(
            seized * most,
            seizable * (repaid + 2 + debtGrain) + (2 + collateralGrain) * most,
            "more per unit than in full"
        );
        assertEq(debt.balanceOf(ESCROW), repay - repaid);
        assertHoldsNothing();
    }

    function _tryPart(uint256 repay) private returns (bool taken, uint256 repaid, uint256 seized) {
        if (!refusesDust) {
            (repaid, seized) = liquidate(repay);
            return (true, repaid, seized);
        }
        try this.liquidateExternally(repay) returns (uint256 repaid_, uint256 seized_) {
            return (true, repaid_, seized_);
        } catch {}
    }

    function liquidateExternally(uint256 repay) external returns (uint256, uint256) {
        return liquidate(repay);
    }

    function test_OnlyTheEscrowPrepares() public {
        setPrice(softPrice);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.NotEscrow.selector, address(this)));
        adapter.prepare(position);
    }

    function testFuzz_PreparedOrNotTheOutcomeIsTheSame(uint256 bps, uint256 part) public {
        setPrice(bound(bps, deepestPrice, softPrice));
        uint256 snapshot = vm.snapshot();
        (uint256 most,,) = prepared();
        uint256 repay = part % 2 == 0 ? most : bound(part, most / 1000 + 1, most);
        (bool taken, uint256 repaid, uint256 seized) = _tryPart(repay);
        if (taken) assertHoldsNothing();
        vm.revertTo(snapshot);
        (bool takenUnprepared, uint256 unprepared, uint256 seizedUnprepared) = _tryPart(repay);
        assertEq(takenUnprepared, taken);
        assertEq(unprepared, repaid);
        assertEq(seizedUnprepared, seized);
    }

    function test_WhatIsTooMuchIsRefunded() public {
        setPrice(softPrice);
        (uint256 repay, uint256 seizable,) = prepared();
        (uint256 repaid, uint256 seized) = liquidate(3 * repay);
        _assertAsPrepared(repaid, repay, seized, seizable);
        assertEq(debt.balanceOf(ESCROW), 3 * repay - repaid);
        assertHoldsNothing();
    }

    function test_TokensLeftHereByOthersAreNeitherCountedNorSpent() public {
        setPrice(softPrice);
        debt.mint(address(adapter), 5);
        collateral.mint(address(adapter), 7);
        collateral.mint(recipient, 9);
        (uint256 repay, uint256 seizable,) = prepared();
        (uint256 repaid, uint256 seized) = liquidate(repay + 1);
        _assertAsPrepared(repaid, repay, seized, seizable);
        assertEq(debt.balanceOf(ESCROW), repay + 1 - repaid);
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

    /// @dev Every bit above an address, of every word; in a word that is full (an id, a hash), the first and last bits.
    /// What then is no second encoding of the position is another position, of which nothing can be liquidated.
    function test_DirtyBitsAreRefused() public {
        setPrice(softPrice);
        uint256 words = position.length / 32;
        for (uint256 word; word < words; ++word) {
            bool isAddress = _upperBits(word) == 0;
            uint256 bits = isAddress ? 96 : 8;
            for (uint256 bit; bit < bits; ++bit) {
                _assertNotServed(_flipped(32 * word + bit / 8, bit % 8), isAddress);
            }
            if (!isAddress) _assertNotServed(_flipped(32 * word + 31, 0), false);
        }
    }

    function _upperBits(uint256 word) private view returns (uint96 upper) {
        bytes memory encoding = position;
        assembly ("memory-safe") {
            upper := shr(160, mload(add(add(encoding, 0x20), mul(word, 0x20))))
        }
    }

    function _flipped(uint256 at, uint256 bit) private view returns (bytes memory encoding) {
        encoding = bytes.concat(position);
        encoding[at] ^= bytes1(uint8(1 << bit));
    }

    function _assertNotServed(bytes memory encoding, bool isAddress) private {
        if (isAddress) return _assertRefused(encoding);
        try adapter.assess(encoding) returns (address, address, uint256 repay, uint256, uint256) {
            assertEq(repay, 0, "a second encoding is served");
        } catch {}
        debt.mint(address(adapter), 1e6);
        vm.prank(ESCROW);
        vm.expectRevert();
        adapter.liquidate(encoding, 1e6, 0, recipient);
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
        (,, uint256 assessed,, uint256 health) = adapter.assess(position);
        (uint256 repay, uint256 seizable,) = prepared();
        assertGt(repay, 0);
        assertGe(assessed, repay);
        assertLt(health, 1e18);
        uint256 debtBefore = debt.balanceOf(ESCROW);
        uint256 collateralBefore = collateral.balanceOf(recipient);
        (uint256 repaid, uint256 seized) = liquidate(repay);
        _assertAsPrepared(repaid, repay, seized, seizable);
        assertEq(debt.balanceOf(ESCROW), debtBefore + repay - repaid, "refund");
        assertEq(collateral.balanceOf(recipient), collateralBefore + seized, "received");
        assertHoldsNothing();

        // The borrower never pays more than the protocol's bonus: values in feed units, less two units' rounding.
        uint256 paid = _value(repaid, debt, debtFeed) * bonus / BPS;
        uint256 slack = _value(2 + collateralGrain, collateral, collateralFeed) + _value(2 + debtGrain, debt, debtFeed);
        assertLe(_value(seized, collateral, collateralFeed), paid + slack, "above the bonus");
    }

    function _assertAsPrepared(uint256 repaid, uint256 repay, uint256 seized, uint256 seizable) private view {
        assertLe(repaid, repay, "repaid");
        assertGe(repaid + debtGrain, repay, "repaid less");
        assertGe(seized, seizable, "seized less");
        assertLe(seized, seizable + collateralGrain, "seized");
    }

    /// @dev Value with 18 decimals beyond the feed's.
    function _value(uint256 amount, TestToken token, PriceFeed feed) private view returns (uint256) {
        return amount * uint256(feed.latestAnswer()) * 1e18 / 10 ** token.decimals();
    }
}
