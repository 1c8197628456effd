// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MarginCallTerms} from "../../src/adapters/MarginCallTerms.sol";
import {ProtocolAdapter} from "../../src/adapters/ProtocolAdapter.sol";
import {IMarginCall, MarginBounds, MarginTerms} from "../../src/interfaces/IMarginCall.sol";
import {AdapterCompliance} from "./AdapterCompliance.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @dev A wallet that accepts one digest, by ERC-1271.
contract OneDigestWallet {
    bytes32 public accepted;

    function accept(bytes32 digest) external {
        accepted = digest;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return digest == accepted ? this.isValidSignature.selector : bytes4(0);
    }
}

/// @title What both margin-call adapters must do beyond any adapter, on the protocol's real contracts.
/// @dev A test of one adapter opens a position with health 1.10 or more whose borrower has called `_optIn`.
abstract contract MarginCallCompliance is AdapterCompliance {
    uint256 internal constant DELAY = 1 days;
    /// @dev Trigger 1.05, target 1.10, penalty 2 %.
    MarginTerms internal terms = MarginTerms(10_500, 11_000, 200);
    /// @dev How far from the target the protocol's roundings may leave health, basis points.
    uint256 internal slackBps = 2;

    /// @dev Names the borrower of the position under test.
    function _borrower() internal view virtual returns (address);

    /// @dev Gives or takes the adapter's permission at the protocol, as the borrower.
    function _permit(bool given) internal virtual;

    /// @dev The protocol's own health factor of the position's account, WAD.
    function _rawHealth() internal view virtual returns (uint256);

    /// @dev Collateral units in the position.
    function _held() internal view virtual returns (uint256);

    function _margin() internal view returns (MarginCallTerms) {
        return MarginCallTerms(address(adapter));
    }

    function _bounds() internal pure returns (MarginBounds memory) {
        return MarginBounds(11_000, 10_200, 20_000, 10, 1000);
    }

    function _optIn() internal {
        _permit(true);
        vm.prank(_borrower());
        _margin().setTerms(position, terms);
        bonus = BPS + terms.penaltyBps;
        (recipient, trims) = (ESCROW, true);
    }

    function _callableNow() internal view returns (uint256 repay) {
        (,, repay,,) = adapter.assess(position);
    }

    function _take(uint256 repay, uint256 wanted) internal returns (uint256 repaid, uint256 seized) {
        debt.mint(address(adapter), repay);
        uint256 before = collateral.balanceOf(ESCROW);
        vm.prank(ESCROW);
        repaid = adapter.liquidate(position, repay, wanted, ESCROW);
        seized = collateral.balanceOf(ESCROW) - before;
    }

    // ---- what the common suite says of bad debt ----

    function test_WhatCannotBeRestoredIsLeftToTheProtocol() public {
        setPrice(deepPrice);
        assertEq(_callableNow(), 0, "health could not be restored");
        debt.mint(address(adapter), 1e6);
        bytes memory refusal = abi.encodeWithSelector(IMarginCall.NotCallable.selector, _rawHealth());
        vm.prank(ESCROW);
        vm.expectRevert(refusal);
        adapter.liquidate(position, 1e6, type(uint256).max, ESCROW);
    }

    function test_ATrimsSurplusIsTheBorrowers() public {
        setPrice(softPrice);
        (, uint256 seized) = _take(_callableNow(), type(uint256).max);
        giveBack(seized / 20);
        assertEq(collateral.balanceOf(BAD_DEBT), 0, "a trim leaves no bad debt");
    }

    // ---- trims ----

    function test_AFullTrimReachesTheTargetAndNoMore() public {
        setPrice(softPrice);
        _take(_callableNow(), type(uint256).max);
        assertApproxEqRel(_rawHealth(), uint256(terms.targetBps) * 1e14, slackBps * 1e14);
        assertEq(_callableNow(), 0);
    }

    /// @dev Below the protocol's own threshold it lets collateral go only if health is restored in the same call.
    function test_BelowTheProtocolsThresholdOnlyTheWholeTrimWorks() public {
        setPrice(deepestPrice - 500);
        assertLt(_rawHealth(), 1e18);
        uint256 repay = _callableNow();
        debt.mint(address(adapter), 1e6);
        vm.prank(ESCROW);
        vm.expectRevert();
        adapter.liquidate(position, 1e6, type(uint256).max, ESCROW);
        _take(repay, type(uint256).max);
        assertApproxEqRel(_rawHealth(), uint256(terms.targetBps) * 1e14, slackBps * 1e14);
    }

    function test_ExactlyWhatIsWantedIsTaken() public {
        setPrice(softPrice);
        (,, uint256 repay, uint256 seizable,) = adapter.assess(position);
        uint256 held = _held();
        uint256 snapshot = vm.snapshot();
        uint256[5] memory wants = [uint256(1), 12_345, seizable / 3, seizable - 1, seizable];
        for (uint256 i; i < wants.length; ++i) {
            (uint256 repaid, uint256 seized) = _take(repay, wants[i]);
            assertEq(repaid, repay);
            assertEq(seized, wants[i]);
            assertApproxEqAbs(_held(), held - wants[i], 1, "the rest stays in the position");
            assertHoldsNothing();
            vm.revertTo(snapshot);
        }
        (, uint256 nothing) = _take(repay, 0);
        assertEq(nothing, 0);
    }

    /// An ask is for the whole payment: where less of it is spent, less is taken.
    function test_WhatIsTakenIsProRataOfWhatIsSpent() public {
        setPrice(softPrice);
        (,, uint256 most, uint256 seizable,) = adapter.assess(position);
        (uint256 repaid, uint256 seized) = _take(2 * most, seizable);
        assertEq(repaid, most);
        assertEq(seized, (seizable + 1) / 2);
        assertHoldsNothing();
    }

    function testFuzz_NeverBeyondTheTermsNorToTheBorrowersHarm(uint256 bps, uint256 part, uint256 wanted) public {
        setPrice(bound(bps, deepestPrice, softPrice));
        (,, uint256 most, uint256 seizable,) = adapter.assess(position);
        uint256 repay = bound(part, most / 1000 + 1, 2 * most);
        wanted = bound(wanted, 1, 2 * seizable);
        uint256 before = _rawHealth();
        (uint256 repaid, uint256 seized) = _take(repay, wanted);
        assertLe(repaid, most);
        assertLe(seized, wanted);
        assertLe(seized, seizable);
        assertLe(seized * most, (seizable + 1) * repaid + most, "dearer than the terms");
        assertGe(_rawHealth(), before);
        if (seized + 1 >= seizable && repaid == most) {
            assertLe(_rawHealth(), uint256(terms.targetBps) * (1e14 + slackBps * 1e10), "more than the target needs");
        }
        assertHoldsNothing();
    }

    function test_CollateralGoesToTheEscrowOnly() public {
        setPrice(softPrice);
        debt.mint(address(adapter), 1e6);
        vm.prank(ESCROW);
        vm.expectRevert(abi.encodeWithSelector(ProtocolAdapter.NotEscrow.selector, address(this)));
        adapter.liquidate(position, 1e6, 1, address(this));
    }

    function test_HealthIsAPartOfTheTrigger() public {
        (,,,, uint256 health) = adapter.assess(position);
        assertEq(health, _rawHealth() * BPS / terms.triggerBps);
        vm.prank(_borrower());
        _margin().optOut(position);
        (,,,, health) = adapter.assess(position);
        assertEq(health, _rawHealth(), "the protocol's without terms");
    }

    function test_NothingWithoutPermission() public {
        setPrice(softPrice);
        assertGt(_callableNow(), 0);
        _permit(false);
        assertEq(_callableNow(), 0);
        _permit(true);
        assertGt(_callableNow(), 0);
    }

    // ---- terms ----

    function test_FirstTermsHoldAtOnceAndChangesADayLater() public {
        MarginTerms memory wider = MarginTerms(10_800, 11_500, 300);
        vm.prank(_borrower());
        _margin().setTerms(position, wider);
        _assertTerms(terms, wider, block.timestamp + DELAY);
        vm.warp(block.timestamp + DELAY - 1);
        _assertTerms(terms, wider, block.timestamp + 1);
        vm.warp(block.timestamp + 1);
        _assertTerms(wider, MarginTerms(0, 0, 0), 0);

        vm.startPrank(_borrower());
        _margin().setTerms(position, terms);
        vm.warp(block.timestamp + DELAY / 2);
        _margin().setTerms(position, wider); // replaces what was coming, and waits anew
        vm.stopPrank();
        _assertTerms(wider, wider, block.timestamp + DELAY);
    }

    function test_OptingOutIsAtOnceAndARestartTakesADay() public {
        setPrice(softPrice);
        vm.startPrank(_borrower());
        _margin().setTerms(position, terms);
        _margin().optOut(position);
        _assertTerms(MarginTerms(0, 0, 0), MarginTerms(0, 0, 0), 0);
        assertEq(_callableNow(), 0);
        _margin().setTerms(position, terms);
        vm.stopPrank();
        _assertTerms(MarginTerms(0, 0, 0), terms, block.timestamp + DELAY);
        vm.warp(block.timestamp + DELAY);
        setPrice(softPrice);
        assertGt(_callableNow(), 0);
    }

    function test_APermissionTakenAwayAndNotedRestsForADay() public {
        setPrice(softPrice);
        vm.expectRevert(IMarginCall.StillPermitted.selector);
        _margin().noteRevoked(position);
        _permit(false);
        _margin().noteRevoked(position);
        _permit(true);
        assertEq(_callableNow(), 0);
        _assertTerms(MarginTerms(0, 0, 0), terms, block.timestamp + DELAY);
        vm.warp(block.timestamp + DELAY);
        setPrice(softPrice);
        assertGt(_callableNow(), 0);

        vm.prank(_borrower());
        _margin().optOut(position);
        _permit(false);
        vm.expectRevert(IMarginCall.NothingToSuspend.selector);
        _margin().noteRevoked(position);
    }

    /// @dev Terms ahead of their permission would be noted as revoked, and wait a day.
    function test_TermsNeedThePermission() public {
        _permit(false);
        vm.prank(_borrower());
        vm.expectRevert(IMarginCall.NotPermitted.selector);
        _margin().setTerms(position, terms);

        uint256 nonce = _margin().nonces(_borrower());
        bytes memory signature = _sign(_termsDigest(terms, block.timestamp));
        vm.expectRevert(IMarginCall.NotPermitted.selector);
        _margin().setTermsFor(position, terms, block.timestamp, signature);
        assertEq(_margin().nonces(_borrower()), nonce, "the signature is still good");
        _permit(true);
        _margin().setTermsFor(position, terms, block.timestamp, signature);
        _permit(false);
        vm.prank(_borrower());
        _margin().optOut(position); // needs none
    }

    /// @dev Any sequence of acts and waits, against what the words say: in force, coming, and when.
    function testFuzz_TermsFollowTheirModel(uint256 seed) public {
        MarginTerms memory none;
        MarginTerms memory inForce = terms;
        MarginTerms memory coming;
        uint256 from;
        for (uint256 i; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            vm.warp(block.timestamp + seed % 30 hours);
            if (from != 0 && block.timestamp >= from) (inForce, coming, from) = (coming, none, 0);
            uint256 act = (seed >> 64) % 4;
            if (act == 0) {
                // forge-lint: disable-next-line(unsafe-typecast)
                uint16 more = uint16((seed >> 128) % 500);
                (coming, from) = (MarginTerms(10_500 + more, 11_001 + more, 10 + more), block.timestamp + DELAY);
                vm.prank(_borrower());
                _margin().setTerms(position, coming);
            } else if (act == 1) {
                (inForce, coming, from) = (none, none, 0);
                vm.prank(_borrower());
                _margin().optOut(position);
            } else if (act == 2) {
                _permit(false);
                if (from == 0 && inForce.triggerBps == 0) vm.expectRevert(IMarginCall.NothingToSuspend.selector);
                else (inForce, coming, from) = (none, from == 0 ? inForce : coming, block.timestamp + DELAY);
                _margin().noteRevoked(position);
                _permit(true);
            }
            _assertTerms(inForce, coming, from);
        }
    }

    function test_TermsOutOfBoundsAreRefused() public {
        MarginTerms[8] memory refused = [
            MarginTerms(9999, 11_000, 200),
            MarginTerms(11_001, 12_000, 200),
            MarginTerms(10_500, 10_500, 200),
            MarginTerms(10_000, 10_199, 200),
            MarginTerms(10_500, 20_001, 200),
            MarginTerms(10_500, 11_000, 9),
            MarginTerms(10_500, 11_000, 1001),
            MarginTerms(0, 0, 0)
        ];
        vm.startPrank(_borrower());
        for (uint256 i; i < refused.length; ++i) {
            vm.expectRevert(IMarginCall.TermsOutOfBounds.selector);
            _margin().setTerms(position, refused[i]);
        }
        _margin().setTerms(position, MarginTerms(11_000, 11_001, 10));
        _margin().setTerms(position, MarginTerms(10_000, 20_000, 1000));
        vm.stopPrank();
        assertEq(abi.encode(_margin().bounds()), abi.encode(_bounds()));
    }

    function test_OnlyTheBorrowerSpeaksForAPosition() public {
        bytes memory refusal = abi.encodeWithSelector(IMarginCall.NotBorrower.selector, address(this), _borrower());
        vm.expectRevert(refusal);
        _margin().setTerms(position, terms);
        vm.expectRevert(refusal);
        _margin().optOut(position);
        vm.expectRevert(ProtocolAdapter.NonCanonicalPosition.selector);
        _margin().setTerms(bytes.concat(position, bytes32(0)), terms);
    }

    // ---- signatures ----

    function test_TermsAndOptOutBySignature() public {
        MarginTerms memory wider = MarginTerms(10_800, 11_500, 300);
        bytes memory signature = _sign(_termsDigest(wider, block.timestamp));
        _margin().setTermsFor(position, wider, block.timestamp, signature);
        _assertTerms(terms, wider, block.timestamp + DELAY);
        signature = _sign(_optOutDigest(block.timestamp));
        _margin().optOutFor(position, block.timestamp, signature);
        _assertTerms(MarginTerms(0, 0, 0), MarginTerms(0, 0, 0), 0);
    }

    function test_ASignatureIsForOneUseOneTimeAndOneSigner() public {
        uint256 deadline = block.timestamp + 100;
        bytes memory signature = _sign(_termsDigest(terms, deadline));
        vm.expectRevert(IMarginCall.SignatureInvalid.selector);
        _margin().setTermsFor(position, terms, deadline + 1, signature);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginCall.SignatureExpired.selector, deadline));
        _margin().setTermsFor(position, terms, deadline, signature);
        vm.warp(deadline);
        _margin().setTermsFor(position, terms, deadline, signature);
        vm.expectRevert(IMarginCall.SignatureInvalid.selector);
        _margin().setTermsFor(position, terms, deadline, signature);
        (, uint256 other) = makeAddrAndKey("somebody else");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(other, _optOutDigest(deadline));
        vm.expectRevert(IMarginCall.SignatureInvalid.selector);
        _margin().optOutFor(position, deadline, abi.encodePacked(r, s, v));
    }

    /// @dev A contract wallet's nonces count like other accounts'.
    function test_AContractWalletSignsByErc1271() public {
        OneDigestWallet wallet = new OneDigestWallet();
        vm.etch(_borrower(), address(wallet).code);
        OneDigestWallet(_borrower()).accept(_optOutDigest(block.timestamp));
        _margin().optOutFor(position, block.timestamp, "");
        _assertTerms(MarginTerms(0, 0, 0), MarginTerms(0, 0, 0), 0);
        assertEq(Nonces(address(adapter)).nonces(_borrower()), 2);
        vm.expectRevert(IMarginCall.SignatureInvalid.selector);
        _margin().optOutFor(position, block.timestamp, "");
    }

    /// @dev An account with code by EIP-7702 still has its key. Its code here knows nothing of ERC-1271.
    function test_ADelegatedAccountSignsWithItsKey() public {
        vm.etch(_borrower(), abi.encodePacked(hex"ef0100", address(debt)));
        assertEq(_borrower().code.length, 23);
        MarginTerms memory wider = MarginTerms(10_800, 11_500, 300);
        _margin().setTermsFor(position, wider, block.timestamp, _sign(_termsDigest(wider, block.timestamp)));
        _assertTerms(terms, wider, block.timestamp + DELAY);
        (, uint256 other) = makeAddrAndKey("somebody else");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(other, _optOutDigest(block.timestamp));
        vm.expectRevert(IMarginCall.SignatureInvalid.selector);
        _margin().optOutFor(position, block.timestamp, abi.encodePacked(r, s, v));
        _margin().optOutFor(position, block.timestamp, _sign(_optOutDigest(block.timestamp)));
        _assertTerms(MarginTerms(0, 0, 0), MarginTerms(0, 0, 0), 0);
    }

    function _termsDigest(MarginTerms memory signed, uint256 deadline) internal view returns (bytes32) {
        return _digest(
            keccak256(
                abi.encode(
                    _margin().TERMS_TYPEHASH(),
                    keccak256(position),
                    signed.triggerBps,
                    signed.targetBps,
                    signed.penaltyBps,
                    _margin().nonces(_borrower()),
                    deadline
                )
            )
        );
    }

    function _optOutDigest(uint256 deadline) internal view returns (bytes32) {
        return _digest(
            keccak256(
                abi.encode(_margin().OPT_OUT_TYPEHASH(), keccak256(position), _margin().nonces(_borrower()), deadline)
            )
        );
    }

    function _digest(bytes32 structHash) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Gavel margin call"),
                keccak256("1"),
                block.chainid,
                address(adapter)
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    /// @dev With the key of `makeAddr(name)` that the position's borrower is made by.
    function _sign(bytes32 digest) internal returns (bytes memory) {
        (, uint256 key) = makeAddrAndKey(_borrowerName());
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function _borrowerName() internal pure virtual returns (string memory);

    function _assertTerms(MarginTerms memory now_, MarginTerms memory coming_, uint256 from_) internal view {
        (MarginTerms memory inForce, MarginTerms memory coming, uint40 comingFrom) = _margin().termsOf(position);
        assertEq(abi.encode(inForce), abi.encode(now_), "in force");
        assertEq(abi.encode(coming), abi.encode(coming_), "coming");
        assertEq(comingFrom, from_, "from");
    }
}
