// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IMorphoBlue} from "../interfaces/external/IMorphoBlue.sol";
import {MorphoAdapter} from "./MorphoAdapter.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Liquidates positions of chosen Morpho Blue markets.
/// @notice A position is `abi.encode(bytes32 id, address borrower)`.
/// @dev Amounts follow Morpho.liquidate step by step, rounding included.
contract MorphoBlueAdapter is MorphoAdapter {
    using Math for uint256;

    /// @dev One call of Morpho.liquidate: exactly one of `assetsIn` and `sharesIn` is given, unless there is none to make.
    struct Seizure {
        uint256 assetsIn;
        uint256 sharesIn;
        uint256 shares;
        uint256 repaid;
        uint256 seized;
    }

    uint256 private constant MAX_INCENTIVE = 1.15e18;
    uint256 private constant CURSOR = 0.3e18;

    /// @notice Whether the last liquidation of a position left bad debt. Morpho writes it off in the same call, so its own
    /// state can't tell afterwards.
    mapping(bytes32 id => mapping(address borrower => bool left)) public leftBadDebt;

    /// @param morpho Morpho Blue.
    /// @param escrow The only account that may liquidate.
    /// @param badDebtRecipient Gets the surplus of positions whose liquidation left bad debt.
    /// @param maxPriceAge Oldest aggregator answer accepted, in seconds.
    /// @param ids Morpho markets to serve: created ones, whose oracle names its Chainlink feeds.
    constructor(IMorphoBlue morpho, address escrow, address badDebtRecipient, uint256 maxPriceAge, bytes32[] memory ids)
        MorphoAdapter(morpho, escrow, badDebtRecipient, maxPriceAge, ids)
    {}

    /// @notice What Morpho would liquidate now: all the debt, or what the whole collateral buys.
    /// @param position abi.encode(id, borrower).
    /// @return collateral The market's collateral token.
    /// @return debt The market's loan token.
    /// @return repay Loan units, interest to this block included.
    /// @return seizable Collateral units that `repay` buys.
    /// @return health Collateral value × LLTV / debt, WAD, rounded down as Morpho's own check; the maximum without debt.
    function assess(bytes calldata position)
        external
        view
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        (bytes32 id, address borrower) = _decode(position);
        Loan memory loan = _loan(id, borrower);
        _requireFreshPrice(loan.params.oracle);
        (collateral, debt) = (loan.params.collateralToken, loan.params.loanToken);
        health = _health(loan);
        if (health >= WAD) return (collateral, debt, 0, 0, health);
        Seizure memory most = _seizure(loan, loan.shares);
        if (most.seized != 0) (repay, seizable) = (most.repaid, most.seized);
    }

    function _liquidate(bytes calldata position, uint256 repay, uint256, address) internal override {
        (bytes32 id, address borrower) = _decode(position);
        Loan memory loan = _loan(id, borrower);
        Seizure memory call = _seizure(loan, Math.min(_toShares(loan, repay, Math.Rounding.Floor), loan.shares));
        bool leavesBadDebt = call.seized == loan.collateral && call.shares < loan.shares;
        if (leftBadDebt[id][borrower] != leavesBadDebt) leftBadDebt[id][borrower] = leavesBadDebt;
        _morpho().liquidate(loan.params, borrower, call.assetsIn, call.sharesIn, "");
    }

    function _leftBadDebt(bytes32 id, address borrower) internal view override returns (bool) {
        return leftBadDebt[id][borrower];
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
