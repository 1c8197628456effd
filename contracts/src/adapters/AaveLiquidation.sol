// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {AaveReserve} from "../interfaces/external/IAaveV3.sol";

/// @title What one Aave liquidation call repays and seizes.
/// @notice Pure arithmetic of LiquidationLogic, in its order and with its roundings; percentages are basis points.
library AaveLiquidation {
    /// @dev One collateral of one user against one debt.
    struct Pair {
        AaveReserve collateral;
        AaveReserve debt;
        uint256 balance; // the user's collateral
        uint256 collateralPrice;
        uint256 debtPrice;
        uint256 collateralUnit;
        uint256 debtUnit;
        uint256 bonus; // 10_000 + bonus
        uint256 fee; // of the bonus
    }

    uint256 private constant BPS = 10_000;

    /// @dev What naming `debtToCover` does: LiquidationLogic._calculateAvailableCollateralToLiquidate.
    /// @return repaid Debt units taken, at most `debtToCover`.
    /// @return seized Collateral units handed out, after the protocol's fee.
    function outcome(Pair memory pair, uint256 debtToCover) internal pure returns (uint256 repaid, uint256 seized) {
        uint256 base = (pair.debtPrice * debtToCover * pair.collateralUnit) / (pair.collateralPrice * pair.debtUnit);
        seized = percentMul(base, pair.bonus);
        repaid = debtToCover;
        if (seized > pair.balance) {
            seized = pair.balance;
            repaid = priceOfAll(pair);
        }
        if (pair.fee != 0) seized -= percentMul(seized - percentDiv(seized, pair.bonus), pair.fee);
    }

    /// @dev Debt units that the user's whole collateral buys.
    function priceOfAll(Pair memory pair) internal pure returns (uint256) {
        uint256 value = (pair.collateralPrice * pair.balance * pair.debtUnit) / (pair.debtPrice * pair.collateralUnit);
        return percentDiv(value, pair.bonus);
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
