// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {AaveReserve} from "../interfaces/external/IAaveV3.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title The amounts that one Aave liquidation call repays and seizes.
/// @notice Pure arithmetic of LiquidationLogic, in its order and with its roundings; percentages are basis points.
/// @dev The library rounds as 3.7 does: seizures down, the fee and the price of all collateral up. 3.6 rounds seizures
/// and fee half up, so the collateral that it hands out can exceed the result by a unit or two, and is never less.
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
    }

    uint256 private constant BPS = 10_000;
    uint256 private constant CLOSE_FACTOR = 5000;
    /// @dev Up to this health all debt may be liquidated; below it the sentinel protects no account.
    uint256 internal constant CLOSE_FACTOR_HEALTH = 0.95e18;
    /// @dev Base currency, 8 decimals: a smaller collateral or debt is liquidated whole; half of it must be left over.
    uint256 private constant SMALL = 2000e8;
    uint256 private constant LEAST_LEFT = SMALL / 2;
    /// @dev Collateral units kept beyond the least leftover, for the roundings of 3.6.
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
        uint256 gained = seized - (seized * BPS) / pair.bonus;
        seized -= Math.ceilDiv(gained * pair.fee, BPS);
    }

    /// @dev Collateral units worth the debt and the bonus, before the fee and regardless of the user's balance.
    function gross(Pair memory pair, uint256 debtToCover) internal pure returns (uint256) {
        uint256 base = (pair.debtPrice * debtToCover * pair.collateralUnit) / (pair.collateralPrice * pair.debtUnit);
        return (base * pair.bonus) / BPS;
    }

    /// @dev Debt units that the user's whole collateral buys.
    function priceOfAll(Pair memory pair) internal pure returns (uint256) {
        uint256 value = (pair.collateralPrice * pair.balance * pair.debtUnit) / (pair.debtPrice * pair.collateralUnit);
        return Math.ceilDiv(value * BPS, pair.bonus);
    }

    /// @dev Most debt units one call takes: half of the account's whole debt, or all of this debt where the account is
    /// deeply unhealthy or one side of the pair is small. Aave rounds the value of a debt up.
    /// @param totalDebt The account's, in base currency.
    function mostDebt(Pair memory pair, uint256 health, uint256 totalDebt) internal pure returns (uint256) {
        if (health <= CLOSE_FACTOR_HEALTH) return pair.owed;
        uint256 owed = Math.ceilDiv(pair.owed * pair.debtPrice, pair.debtUnit);
        if (owed < SMALL || (pair.balance * pair.collateralPrice) / pair.collateralUnit < SMALL) return pair.owed;
        uint256 most = (totalDebt * CLOSE_FACTOR + BPS / 2) / BPS; // half up, as PercentageMath
        return owed > most ? (most * pair.debtUnit) / pair.debtPrice : pair.owed;
    }

    /// @dev The largest amount not above `debtToCover` that leaves no dust, as Aave asks; zero if none does.
    function withoutDust(Pair memory pair, uint256 debtToCover) internal pure returns (uint256) {
        if (debtToCover >= Math.min(pair.owed, priceOfAll(pair))) return debtToCover;
        uint256 owedLeft = ((LEAST_LEFT - 1) * pair.debtUnit) / pair.debtPrice + 1; // whose value, rounded up, is enough
        uint256 heldLeft = Math.ceilDiv(LEAST_LEFT * pair.collateralUnit, pair.collateralPrice) + ROUNDING;
        uint256 byDebt = Math.saturatingSub(pair.owed, owedLeft);
        uint256 byCollateral = (pair.collateralPrice * Math.saturatingSub(pair.balance, heldLeft) * pair.debtUnit)
            / (pair.debtPrice * pair.collateralUnit);
        return Math.min(debtToCover, Math.min(byDebt, (byCollateral * BPS) / pair.bonus));
    }
}
