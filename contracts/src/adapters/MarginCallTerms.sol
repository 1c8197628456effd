// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IMarginCall, MarginBounds, MarginTerms} from "../interfaces/IMarginCall.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The terms on which borrowers let their positions be trimmed before the protocol's own threshold.
/// @notice First terms are in force at once, and so is opting out. Changed terms, and terms after a revocation, are in
/// force a day later. The terms before remain in force until then, so a borrower cannot escape a call under way by
/// changing the price. A borrower can sign everything instead of sending it (EIP-712; by its key, also where EIP-7702
/// gives its account code; contract wallets by ERC-1271), and any account can send the signed terms.
abstract contract MarginCallTerms is IMarginCall, EIP712, Nonces {
    using Math for uint256;

    /// @dev One slot. `from` zero: nothing in force; `nextFrom` zero: nothing coming. From `nextFrom` on, `next` is in
    /// force instead of the first terms.
    struct Agreement {
        bool known; // opted in at some time
        uint16 trigger;
        uint16 target;
        uint16 penalty;
        uint40 from;
        uint16 nextTrigger;
        uint16 nextTarget;
        uint16 nextPenalty;
        uint40 nextFrom;
    }

    /// @notice How long changed or restarted terms wait, in seconds.
    uint40 public constant DELAY = 1 days;
    /// @notice What a signature over new terms is made of.
    bytes32 public constant TERMS_TYPEHASH = keccak256(
        "MarginTerms(bytes position,uint16 triggerBps,uint16 targetBps,uint16 penaltyBps,uint256 nonce,uint256 deadline)"
    );
    /// @notice What a signature over leaving is made of.
    bytes32 public constant OPT_OUT_TYPEHASH = keccak256("OptOut(bytes position,uint256 nonce,uint256 deadline)");

    uint256 internal constant BPS = 10_000;
    uint256 private constant HIGHEST_TRIGGER = 11_000;

    uint16 private immutable MAX_TRIGGER;
    uint16 private immutable MIN_TARGET;
    uint16 private immutable MAX_TARGET;
    uint16 private immutable MIN_PENALTY;
    uint16 private immutable MAX_PENALTY;

    mapping(bytes32 positionHash => Agreement) private _agreements;

    constructor(MarginBounds memory bounds_) EIP712("Gavel margin call", "1") {
        if (
            bounds_.maxTriggerBps < BPS || bounds_.maxTriggerBps > HIGHEST_TRIGGER
                || bounds_.minTargetBps > bounds_.maxTargetBps || bounds_.maxTargetBps <= BPS
                || bounds_.minPenaltyBps > bounds_.maxPenaltyBps || bounds_.maxPenaltyBps >= BPS
        ) revert BoundsInvalid();
        MAX_TRIGGER = bounds_.maxTriggerBps;
        (MIN_TARGET, MAX_TARGET) = (bounds_.minTargetBps, bounds_.maxTargetBps);
        (MIN_PENALTY, MAX_PENALTY) = (bounds_.minPenaltyBps, bounds_.maxPenaltyBps);
    }

    /// @notice What terms are accepted here.
    function bounds() public view returns (MarginBounds memory) {
        return MarginBounds(MAX_TRIGGER, MIN_TARGET, MAX_TARGET, MIN_PENALTY, MAX_PENALTY);
    }

    /// @notice A position's terms.
    /// @param position The canonical encoding.
    /// @return inForce Terms now; all zero: none.
    /// @return coming Terms to come; all zero: none.
    /// @return comingFrom When, in Unix seconds.
    function termsOf(bytes calldata position)
        external
        view
        returns (MarginTerms memory inForce, MarginTerms memory coming, uint40 comingFrom)
    {
        Agreement memory agreement = _settled(keccak256(position));
        inForce = _inForce(agreement);
        if (agreement.nextFrom != 0) (coming, comingFrom) = (_coming(agreement), agreement.nextFrom);
    }

    /// @notice Sets terms for a position of the caller's: in force at once the first time, a day later otherwise.
    /// Invalidates every signature given before. The protocol's permission for the adapter must be in place.
    /// @param position The canonical encoding.
    /// @param terms Within `bounds()`; the trigger at least 1.00 and below the target.
    function setTerms(bytes calldata position, MarginTerms calldata terms) external {
        _setTerms(_authenticate(position), position, terms);
    }

    /// @notice The same with the borrower's signature.
    /// @param deadline Last second the signature is good for.
    /// @param signature Over the terms and the borrower's nonce, or what a contract wallet accepts for it.
    function setTermsFor(
        bytes calldata position,
        MarginTerms calldata terms,
        uint256 deadline,
        bytes calldata signature
    ) external {
        address borrower = _borrowerOf(position);
        bytes32 structHash = keccak256(
            abi.encode(
                TERMS_TYPEHASH,
                keccak256(position),
                terms.triggerBps,
                terms.targetBps,
                terms.penaltyBps,
                _useNonce(borrower),
                deadline
            )
        );
        _checkSignature(borrower, structHash, deadline, signature);
        _setTerms(borrower, position, terms);
    }

    /// @notice Ends the terms of a position of the caller's at once. Invalidates every signature given before.
    /// @param position The canonical encoding.
    function optOut(bytes calldata position) external {
        _optOut(_authenticate(position), position);
    }

    /// @notice The same with the borrower's signature.
    /// @param deadline Last second the signature is good for.
    /// @param signature Over the position and the borrower's nonce, or what a contract wallet accepts for it.
    function optOutFor(bytes calldata position, uint256 deadline, bytes calldata signature) external {
        address borrower = _borrowerOf(position);
        bytes32 structHash = keccak256(abi.encode(OPT_OUT_TYPEHASH, keccak256(position), _useNonce(borrower), deadline));
        _checkSignature(borrower, structHash, deadline, signature);
        _optOut(borrower, position);
    }

    /// @notice Records that the borrower took away the adapter's permission at the protocol: after it is given again,
    /// the terms are in force a day later. Any account may call, so that a borrower cannot switch the permission off
    /// for each call.
    /// @param position The canonical encoding.
    function noteRevoked(bytes calldata position) external {
        address borrower = _borrowerOf(position);
        if (_isPermitted(position)) revert StillPermitted();
        bytes32 hash = keccak256(position);
        Agreement memory agreement = _settled(hash);
        if (agreement.nextFrom == 0) {
            if (agreement.from == 0) revert NothingToSuspend();
            (agreement.nextTrigger, agreement.nextTarget, agreement.nextPenalty) =
            (agreement.trigger, agreement.target, agreement.penalty);
        }
        (agreement.from, agreement.nextFrom) = (0, uint40(block.timestamp) + DELAY);
        _agreements[hash] = agreement;
        emit TermsSuspended(borrower, hash, position, agreement.nextFrom);
    }

    /// @dev A position's borrower. Reverts on a non-canonical encoding and on what the adapter doesn't serve.
    function _borrowerOf(bytes calldata position) internal view virtual returns (address);

    /// @dev Whether the protocol would let the adapter act for the borrower.
    function _isPermitted(bytes calldata position) internal view virtual returns (bool);

    /// @dev A position's terms now; all zero: none.
    function _termsOf(bytes calldata position) internal view returns (MarginTerms memory) {
        return _inForce(_settled(keccak256(position)));
    }

    /// @dev Health as a part of the trigger: below 1e18 the position may be called.
    function _relative(uint256 health, MarginTerms memory terms) internal pure returns (uint256) {
        return health == type(uint256).max || terms.triggerBps == 0 ? health : health.mulDiv(BPS, terms.triggerBps);
    }

    /// @dev Debt value whose repayment, with the full penalty taken, lifts health to the target:
    /// debt · (target − health) / (target − threshold · (1 + penalty)). Zero where that would not lift it at all.
    /// @param debt Value of all the account's debt.
    /// @param health WAD, below the target.
    /// @param threshold Liquidation threshold of the collateral to take, WAD.
    function _debtToTarget(uint256 debt, uint256 health, uint256 threshold, MarginTerms memory terms)
        internal
        pure
        returns (uint256)
    {
        uint256 lost = threshold.mulDiv(BPS + terms.penaltyBps, BPS, Math.Rounding.Ceil);
        uint256 target = uint256(terms.targetBps) * 1e14;
        if (health <= lost || health >= target) return 0;
        return debt.mulDiv(target - health, target - lost);
    }

    function _authenticate(bytes calldata position) private returns (address borrower) {
        borrower = _borrowerOf(position);
        if (msg.sender != borrower) revert NotBorrower(msg.sender, borrower);
        _useNonce(borrower);
    }

    function _checkSignature(address borrower, bytes32 structHash, uint256 deadline, bytes calldata signature)
        private
        view
    {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        bytes32 digest = _hashTypedDataV4(structHash);
        // By key first: an account with code by EIP-7702 still has its key, and its code may not know ERC-1271.
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (failure == ECDSA.RecoverError.NoError && signer == borrower) return;
        if (!SignatureChecker.isValidERC1271SignatureNowCalldata(borrower, digest, signature)) {
            revert SignatureInvalid();
        }
    }

    /// @dev Without this check, an account that finds a borrower's signed terms could send them before the borrower
    /// gives the permission, and record at once that it is missing: the first terms would then wait a day. The revert
    /// also restores the nonce.
    function _setTerms(address borrower, bytes calldata position, MarginTerms calldata terms) private {
        if (!_isPermitted(position)) revert NotPermitted();
        if (
            terms.triggerBps < BPS || terms.triggerBps > MAX_TRIGGER || terms.targetBps <= terms.triggerBps
                || terms.targetBps < MIN_TARGET || terms.targetBps > MAX_TARGET || terms.penaltyBps < MIN_PENALTY
                || terms.penaltyBps > MAX_PENALTY
        ) revert TermsOutOfBounds();
        bytes32 hash = keccak256(position);
        Agreement memory agreement = _settled(hash);
        uint40 activeFrom = uint40(block.timestamp);
        if (agreement.known) {
            activeFrom += DELAY;
            (agreement.nextTrigger, agreement.nextTarget) = (terms.triggerBps, terms.targetBps);
            (agreement.nextPenalty, agreement.nextFrom) = (terms.penaltyBps, activeFrom);
        } else {
            (agreement.known, agreement.trigger, agreement.target) = (true, terms.triggerBps, terms.targetBps);
            (agreement.penalty, agreement.from) = (terms.penaltyBps, activeFrom);
        }
        _agreements[hash] = agreement;
        emit TermsSet(borrower, hash, position, terms, activeFrom);
    }

    function _optOut(address borrower, bytes calldata position) private {
        bytes32 hash = keccak256(position);
        Agreement memory none;
        none.known = _agreements[hash].known;
        _agreements[hash] = none;
        emit OptedOut(borrower, hash, position);
    }

    /// @dev An agreement with the terms to come moved into force when their time has come.
    function _settled(bytes32 hash) private view returns (Agreement memory agreement) {
        agreement = _agreements[hash];
        if (agreement.nextFrom == 0 || block.timestamp < agreement.nextFrom) return agreement;
        (agreement.trigger, agreement.target) = (agreement.nextTrigger, agreement.nextTarget);
        (agreement.penalty, agreement.from) = (agreement.nextPenalty, agreement.nextFrom);
        (agreement.nextTrigger, agreement.nextTarget, agreement.nextPenalty, agreement.nextFrom) = (0, 0, 0, 0);
    }

    function _inForce(Agreement memory agreement) private pure returns (MarginTerms memory terms) {
        if (agreement.from != 0) terms = MarginTerms(agreement.trigger, agreement.target, agreement.penalty);
    }

    function _coming(Agreement memory agreement) private pure returns (MarginTerms memory) {
        return MarginTerms(agreement.nextTrigger, agreement.nextTarget, agreement.nextPenalty);
    }
}
