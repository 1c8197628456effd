// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILiquidationAdapter} from "../interfaces/ILiquidationAdapter.sol";
import {IMorphoBlue} from "../interfaces/external/IMorphoBlue.sol";
import {MorphoAdapter} from "./MorphoAdapter.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Liquidates positions of chosen Morpho Blue markets.
/// @notice A position is `abi.encode(bytes32 id, address borrower)`.
/// @dev Amounts follow Morpho.liquidate step by step, rounding included.
contract MorphoBlueAdapter is MorphoAdapter {
    using Math for uint256;

    /// @dev One call of Morpho.liquidate: exactly one of `assetsIn` and `sharesIn` is given, unless there is none to
    /// make.
    struct Seizure {
        uint256 assetsIn;
        uint256 sharesIn;
        uint256 shares;
        uint256 repaid;
        uint256 seized;
    }

    uint256 private constant MAX_INCENTIVE = 1.15e18;
    uint256 private constant CURSOR = 0.3e18;
    uint256 private constant BY_ASSETS = 1;
    uint256 private constant LEAVES_BAD_DEBT = 2;
    uint256 private constant AMOUNT_SHIFT = 8;

    /// @param morpho Morpho Blue.
    /// @param escrow The only account that may liquidate.
    /// @param badDebtRecipient Gets the surplus of positions whose liquidation left bad debt.
    /// @param maxPriceAge Oldest aggregator answer accepted, in seconds.
    /// @param ids Morpho markets to serve: created ones, whose oracle names its Chainlink feeds.
    constructor(IMorphoBlue morpho, address escrow, address badDebtRecipient, uint256 maxPriceAge, bytes32[] memory ids)
        MorphoAdapter(morpho, escrow, badDebtRecipient, maxPriceAge, ids)
    {}

    /// @notice The liquidation that Morpho would accept now: of all the debt, or of the debt that the whole collateral
    /// buys.
    /// @param position abi.encode(id, borrower).
    /// @return collateral The market's collateral token.
    /// @return debt The market's loan token.
    /// @return repay Loan units, with interest to this block and for a minute more; with 2 % where the price of all
    /// collateral bounds it.
    /// @return seizable Collateral units that `repay` buys.
    /// @return health Collateral value × LLTV / debt, WAD, rounded down as Morpho's own check; the maximum without
    /// debt.
    function assess(bytes calldata position)
        public
        view
        override
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        (Loan memory loan, Seizure memory most, uint256 health_) = _assess(position);
        uint256 owed = _toAssets(loan, loan.shares, Math.Rounding.Ceil);
        (repay, seizable) = _ahead(most.repaid, most.seized, most.assetsIn != 0, owed);
        return (loan.params.collateralToken, loan.params.loanToken, repay, seizable, health_);
    }

    /// @inheritdoc ILiquidationAdapter
    function prepare(bytes calldata position)
        external
        override
        onlyEscrow
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        Loan memory loan;
        Seizure memory most;
        (loan, most, health) = _assess(position);
        if (most.repaid != 0) _remember(position, most.repaid, _pack(most, loan));
        return (loan.params.collateralToken, loan.params.loanToken, most.repaid, most.seized, health);
    }

    /// @notice Whether a liquidation of a position left bad debt within the last 30 days. Morpho writes bad debt off in
    /// the same call, so Morpho's own state does not show it afterwards.
    function leftBadDebt(bytes32 id, address borrower) public view returns (bool left) {
        return _hasLeftBadDebt(_accountOf(id, borrower));
    }

    function _liquidate(bytes calldata position, uint256 repay, uint256, address) internal override {
        (bytes32 id, address borrower) = _decode(position);
        (bool known, uint256 plan) = _recall(position, repay);
        if (!known) {
            Loan memory loan = _loan(id, borrower);
            plan = _pack(_callFor(loan, repay), loan);
        }
        if (plan & LEAVES_BAD_DEBT != 0) _noteBadDebt(_accountOf(id, borrower));
        (uint256 assetsIn, uint256 sharesIn) =
            plan & BY_ASSETS != 0 ? (plan >> AMOUNT_SHIFT, uint256(0)) : (uint256(0), plan >> AMOUNT_SHIFT);
        _morpho().liquidate(_paramsOf(id), borrower, assetsIn, sharesIn, "");
    }

    /// @dev A position, the largest call that can be made (all zero: none), and its health.
    function _assess(bytes calldata position)
        private
        view
        returns (Loan memory loan, Seizure memory most, uint256 health)
    {
        (bytes32 id, address borrower) = _decode(position);
        loan = _loan(id, borrower);
        _requireFreshPrice(loan.params.oracle);
        health = _health(loan);
        if (health >= WAD) return (loan, most, health);
        most = _seizure(loan, loan.shares);
        if (most.seized == 0) most.repaid = 0;
    }

    function _callFor(Loan memory loan, uint256 repay) private pure returns (Seizure memory) {
        return _seizure(loan, Math.min(_toShares(loan, repay, Math.Rounding.Floor), loan.shares));
    }

    /// @dev A call in one word: the amount, in which unit, and whether it leaves bad debt.
    function _pack(Seizure memory call, Loan memory loan) private pure returns (uint256 plan) {
        plan = (call.assetsIn != 0 ? call.assetsIn : call.sharesIn) << AMOUNT_SHIFT;
        if (call.assetsIn != 0) plan |= BY_ASSETS;
        if (call.seized == loan.collateral && call.shares < loan.shares) plan |= LEAVES_BAD_DEBT;
    }

    function _leftBadDebt(bytes32 id, address borrower) internal view override returns (bool) {
        return leftBadDebt(id, borrower);
    }

    function _accountOf(bytes32 id, address borrower) private pure returns (bytes32) {
        return keccak256(abi.encode(id, borrower));
    }

    /// @dev The call that spends at most `shares`: by shares, or by the whole collateral where that is less.
    function _seizure(Loan memory loan, uint256 shares) private pure returns (Seizure memory call) {
        uint256 incentive = Math.min(MAX_INCENTIVE, WAD.mulDiv(WAD, WAD - CURSOR.mulDiv(WAD - loan.params.lltv, WAD)));
        uint256 value = _toAssets(loan, shares, Math.Rounding.Floor).mulDiv(incentive, WAD);
        call.seized = value.mulDiv(PRICE_SCALE, loan.price);
        call.shares = shares;
        if (call.seized > loan.collateral) {
            call.seized = loan.collateral;
            value = call.seized.mulDiv(loan.price, PRICE_SCALE, Math.Rounding.Ceil);
            call.shares = _toShares(loan, value.mulDiv(WAD, incentive, Math.Rounding.Ceil), Math.Rounding.Ceil);
            call.assetsIn = call.seized;
        } else {
            call.sharesIn = shares;
        }
        call.repaid = _toAssets(loan, call.shares, Math.Rounding.Ceil);
    }
}
