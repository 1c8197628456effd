// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice A borrower's terms for one position; basis points.
struct MarginTerms {
    uint16 triggerBps; // called below this health: 10_500 is a health factor of 1.05
    uint16 targetBps; // trimmed up to this health
    uint16 penaltyBps; // most collateral value given beyond the debt repaid
}

/// @notice The bounds of the terms that an adapter accepts; basis points.
struct MarginBounds {
    uint16 maxTriggerBps;
    uint16 minTargetBps;
    uint16 maxTargetBps;
    uint16 minPenaltyBps;
    uint16 maxPenaltyBps;
}

/// @title Events and views of margin-call adapters beyond those of all adapters.
/// @notice A keeper of positions follows the events: `TermsSet` names a position that may be called from `activeFrom`
/// on, `OptedOut` one that no longer may, `TermsSuspended` one that rests.
interface IMarginCall {
    /// @notice A position's terms from `activeFrom` on, in Unix seconds; until then, those before hold.
    event TermsSet(
        address indexed borrower, bytes32 indexed positionHash, bytes position, MarginTerms terms, uint40 activeFrom
    );
    /// @notice A position has no terms any more.
    event OptedOut(address indexed borrower, bytes32 indexed positionHash, bytes position);
    /// @notice A position whose adapter had lost its permission; its terms rest until `activeFrom`.
    event TermsSuspended(address indexed borrower, bytes32 indexed positionHash, bytes position, uint40 activeFrom);

    error BoundsInvalid();
    error TermsOutOfBounds();
    error NotBorrower(address caller, address borrower);
    error SignatureExpired(uint256 deadline);
    error SignatureInvalid();
    error NothingToSuspend();
    error StillPermitted();
    error NotPermitted();
    error NotCallable(uint256 health);
    error HealthFell(uint256 before, uint256 afterwards);

    /// @notice What terms are accepted here.
    function bounds() external view returns (MarginBounds memory);

    /// @notice A position's terms: those in force and those to come with their time in Unix seconds; all zero: none.
    function termsOf(bytes calldata position)
        external
        view
        returns (MarginTerms memory inForce, MarginTerms memory coming, uint40 comingFrom);
}
