// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {AaveReserve} from "../interfaces/external/IAaveV3.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The amounts that one Aave liquidation call repays and seizes.
/// @notice Pure arithmetic of LiquidationLogic, in its order and with its roundings; percentages are basis points.
/// @dev `recent` means 3.3 and later: another close factor, and no dust. The library rounds as 3.7 does: seizures down,
/// the fee and the price of all collateral up. 3.3 to 3.6 round seizures and fee half up; 3.3 and 3.4 round that price
/// half up too. On those versions the collateral handed out can exceed the result by a unit or two, and is never less.
library AaveLiquidation {
    /// @dev One collateral of one user against one debt.
    struct Pair {
        AaveReserve collateral;
        AaveReserve debt;
        uint256 balance; // the user's collateral
        uint256 owed; // the user's debt
        uint256 collateralPrice;
        uint256 debtPrice;
        uint256 collateralUnit;
        uint256 debtUnit;
        uint256 threshold; // the collateral's liquidation threshold
        uint256 bonus; // 10_000 + bonus
        uint256 fee; // of the bonus
        bool recent;
    }

    uint256 private constant BPS = 10_000;
    uint256 private constant CLOSE_FACTOR = 5000;
    uint256 private constant CLOSE_FACTOR_HEALTH = 0.95e18;
    /// @dev Base currency, 8 decimals: a smaller collateral or debt is liquidated whole; half of it must be left over.
    uint256 private constant SMALL = 2000e8;
    uint256 private constant LEAST_LEFT = SMALL / 2;
    /// @dev Collateral units kept beyond the least leftover, for the roundings of the older of the recent versions.
    uint256 private constant ROUNDING = 2;

    /// @dev The effect of `debtToCover`: LiquidationLogic._calculateAvailableCollateralToLiquidate.
    /// @return repaid Debt units taken, at most `debtToCover`.
    /// @return seized Collateral units handed out, after the protocol's fee.
    function outcome(Pair memory pair, uint256 debtToCover) internal pure returns (uint256 repaid, uint256 seized) {
        seized = gross(pair, debtToCover);
        repaid = debtToCover;
        if (seized > pair.balance) {
            seized = pair.balance;
            repaid = priceOfAll(pair);
        }
        if (pair.fee == 0) return (repaid, seized);
        if (pair.recent) {
            uint256 gained = seized - (seized * BPS) / pair.bonus;
            seized -= Math.ceilDiv(gained * pair.fee, BPS);
        } else {
            seized -= percentMul(seized - percentDiv(seized, pair.bonus), pair.fee);
        }
    }

    /// @dev Collateral units worth the debt and the bonus, before the fee and regardless of the user's balance.
    function gross(Pair memory pair, uint256 debtToCover) internal pure returns (uint256) {
        uint256 base = (pair.debtPrice * debtToCover * pair.collateralUnit) / (pair.collateralPrice * pair.debtUnit);
        return pair.recent ? (base * pair.bonus) / BPS : percentMul(base, pair.bonus);
    }

    /// @dev Debt units that the user's whole collateral buys.
    function priceOfAll(Pair memory pair) internal pure returns (uint256) {
        uint256 value = (pair.collateralPrice * pair.balance * pair.debtUnit) / (pair.debtPrice * pair.collateralUnit);
        return pair.recent ? Math.ceilDiv(value * BPS, pair.bonus) : percentDiv(value, pair.bonus);
    }

    /// @dev Most debt units one call takes: half of this debt before 3.3; since, half of the account's whole debt, and
    /// everything of a small collateral or debt.
    /// @param totalDebt The account's, in base currency.
    function mostDebt(Pair memory pair, uint256 health, uint256 totalDebt) internal pure returns (uint256) {
        if (health <= CLOSE_FACTOR_HEALTH) return pair.owed;
        if (!pair.recent) return percentMul(pair.owed, CLOSE_FACTOR);
        uint256 owed = (pair.owed * pair.debtPrice) / pair.debtUnit;
        if (owed < SMALL || (pair.balance * pair.collateralPrice) / pair.collateralUnit < SMALL) return pair.owed;
        uint256 most = percentMul(totalDebt, CLOSE_FACTOR);
        return owed > most ? (most * pair.debtUnit) / pair.debtPrice : pair.owed;
    }

    /// @dev The largest amount not above `debtToCover` that leaves no dust, as Aave asks since 3.3; zero if none does.
    function withoutDust(Pair memory pair, uint256 debtToCover) internal pure returns (uint256) {
        if (!pair.recent || debtToCover >= Math.min(pair.owed, priceOfAll(pair))) return debtToCover;
        uint256 owedLeft = Math.ceilDiv(LEAST_LEFT * pair.debtUnit, pair.debtPrice);
        uint256 heldLeft = Math.ceilDiv(LEAST_LEFT * pair.collateralUnit, pair.collateralPrice) + ROUNDING;
        uint256 byDebt = Math.saturatingSub(pair.owed, owedLeft);
        uint256 byCollateral = (pair.collateralPrice * Math.saturatingSub(pair.balance, heldLeft) * pair.debtUnit)
            / (pair.debtPrice * pair.collateralUnit);
        return Math.min(debtToCover, Math.min(byDebt, (byCollateral * BPS) / pair.bonus));
    }

    /// @dev Rounds half up, as PercentageMath does.
    function percentMul(uint256 value, uint256 percentage) internal pure returns (uint256) {
        return (value * percentage + BPS / 2) / BPS;
    }

    /// @dev Rounds half up, as PercentageMath does.
    function percentDiv(uint256 value, uint256 percentage) internal pure returns (uint256) {
        return (value * BPS + percentage / 2) / percentage;
    }
}
