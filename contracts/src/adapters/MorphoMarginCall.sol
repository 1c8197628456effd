// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {MarginBounds, MarginTerms} from "../interfaces/IMarginCall.sol";
import {IMorphoBlue} from "../interfaces/external/IMorphoBlue.sol";
import {MarginCallTerms} from "./MarginCallTerms.sol";
import {MorphoAdapter} from "./MorphoAdapter.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Trims positions of chosen Morpho Blue markets whose borrowers agreed to it, above Morpho's own threshold.
/// @notice A position is `abi.encode(bytes32 id, address borrower)`. The permission is Morpho's authorisation of this
/// contract, given by transaction (`setAuthorization`) or signature (`setAuthorizationWithSig`). With it, this contract
/// can repay the borrower's debt, and withdraw collateral to the escrow in exchange: worth at most the debt repaid and
/// the borrower's maximum penalty, and only below the borrower's trigger. No account can change or extend these limits.
contract MorphoMarginCall is MorphoAdapter, MarginCallTerms {
    using Math for uint256;

    /// @param morpho Morpho Blue.
    /// @param escrow The only account that may call a margin, and the only one to receive collateral.
    /// @param fallbackRecipient Named for the adapters' common interface; a margin call leaves no bad debt.
    /// @param maxPriceAge Oldest aggregator answer accepted, in seconds.
    /// @param ids Morpho markets to serve: created ones, whose oracle names its Chainlink feeds.
    /// @param bounds_ What terms borrowers may choose.
    constructor(
        IMorphoBlue morpho,
        address escrow,
        address fallbackRecipient,
        uint256 maxPriceAge,
        bytes32[] memory ids,
        MarginBounds memory bounds_
    ) MorphoAdapter(morpho, escrow, fallbackRecipient, maxPriceAge, ids) MarginCallTerms(bounds_) {}

    /// @notice The amounts that the borrower's terms allow to be called now.
    /// @param position abi.encode(id, borrower).
    /// @return collateral The market's collateral token.
    /// @return debt The market's loan token.
    /// @return repay Loan units that lift health to the target; zero without terms, permission, or effect.
    /// @return seizable Collateral units worth `repay` and the maximum penalty.
    /// @return health Morpho's health as a part of the borrower's trigger, WAD; without terms, Morpho's.
    function assess(bytes calldata position)
        public
        view
        override
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        (bytes32 id, address borrower) = _decode(position);
        Loan memory loan = _loan(id, borrower);
        _requireFreshPrice(loan.params.oracle);
        MarginTerms memory terms = _termsOf(position);
        health = _health(loan);
        (repay, seizable) = _callable(loan, borrower, health, terms);
        return (loan.params.collateralToken, loan.params.loanToken, repay, seizable, _relative(health, terms));
    }

    function _liquidate(bytes calldata position, uint256 repay, uint256 wanted, address recipient) internal override {
        if (recipient != ESCROW) revert NotEscrow(recipient);
        (bytes32 id, address borrower) = _decode(position);
        Loan memory loan = _loan(id, borrower);
        MarginTerms memory terms = _termsOf(position);
        uint256 before = _health(loan);
        (uint256 most, uint256 seizable) = _callable(loan, borrower, before, terms);
        most = Math.min(repay, most);
        if (most == 0) revert NotCallable(before);

        uint256 spent = _held(IERC20(loan.params.loanToken));
        _morpho().repay(loan.params, most, 0, borrower, "");
        spent -= _held(IERC20(loan.params.loanToken));
        if (spent < repay) wanted = wanted.mulDiv(spent, repay, Math.Rounding.Ceil);
        uint256 taken = Math.min(wanted, Math.min(seizable, _worth(loan, spent, terms)));
        if (taken != 0) _morpho().withdrawCollateral(loan.params, taken, borrower, recipient);

        uint256 afterwards = _health(_loan(id, borrower));
        if (afterwards < before) revert HealthFell(before, afterwards);
    }

    function _borrowerOf(bytes calldata position) internal view override returns (address borrower) {
        (, borrower) = _decode(position);
    }

    function _isPermitted(bytes calldata position) internal view override returns (bool) {
        (, address borrower) = _decode(position);
        return _morpho().isAuthorized(borrower, address(this));
    }

    function _leftBadDebt(bytes32, address) internal pure override returns (bool) {
        return false;
    }

    /// @dev Just enough to reach the target, provided that Morpho would let the collateral go and health does not fall,
    /// by Morpho's own arithmetic.
    function _callable(Loan memory loan, address borrower, uint256 health, MarginTerms memory terms)
        private
        view
        returns (uint256 repay, uint256 seizable)
    {
        if (loan.shares == 0 || _relative(health, terms) >= WAD || terms.triggerBps == 0) return (0, 0);
        if (!_morpho().isAuthorized(borrower, address(this))) return (0, 0);
        repay = _debtToTarget(_toAssets(loan, loan.shares, Math.Rounding.Floor), health, loan.params.lltv, terms);
        seizable = Math.min(_worth(loan, repay, terms), loan.collateral);
        if (seizable == 0) return (0, 0);

        Loan memory left = abi.decode(abi.encode(loan), (Loan));
        uint256 shares = _toShares(loan, repay, Math.Rounding.Floor);
        if (shares == 0 || shares > loan.shares) return (0, 0);
        (left.shares, left.totalShares) = (loan.shares - shares, loan.totalShares - shares);
        left.totalAssets = Math.saturatingSub(loan.totalAssets, repay);
        left.collateral = loan.collateral - seizable;
        if (_health(left) < Math.max(health, WAD)) return (0, 0);
    }

    /// @dev Collateral units worth debt units and the maximum penalty, rounded down.
    function _worth(Loan memory loan, uint256 debt, MarginTerms memory terms) private pure returns (uint256) {
        return (debt * (BPS + terms.penaltyBps)).mulDiv(PRICE_SCALE, loan.price * BPS);
    }
}
