// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ICollateralEscrow} from "../interfaces/ICollateralEscrow.sol";
import {ILiquidationAdapter} from "../interfaces/ILiquidationAdapter.sol";
import {PositionRecord} from "../types/Types.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title A liquidation through an adapter, trusted as far as balances show it.
library Seizures {
    /// @dev Least health that every adapter calls healthy, WAD.
    uint256 internal constant HEALTHY = 1e18;

    /// @notice Liquidates with `repay` debt units already at the adapter.
    /// @return repaid Debt units spent; the rest came back to this contract.
    /// @return seized Collateral units that arrived here.
    function seize(
        address adapter,
        bytes calldata position,
        address collateral,
        address debt,
        uint256 repay,
        uint256 wanted
    ) internal returns (uint256 repaid, uint256 seized) {
        uint256 collateralBefore = IERC20(collateral).balanceOf(address(this));
        uint256 debtBefore = IERC20(debt).balanceOf(address(this));
        repaid = ILiquidationAdapter(adapter).liquidate(position, repay, wanted, address(this));
        seized = IERC20(collateral).balanceOf(address(this)) - collateralBefore;
        uint256 returned = IERC20(debt).balanceOf(address(this)) - debtBefore;
        if (returned > repay || repaid != repay - returned) {
            revert ICollateralEscrow.AdapterMisreported(repaid, returned);
        }
    }

    /// @notice Clears a position's flag if its adapter finds it healthy now.
    /// @dev If the adapter reverts, the flag remains.
    function clearIfHealthy(PositionRecord storage record, bytes32 key, address adapter, bytes calldata position)
        internal
    {
        if (record.flaggedAt == 0) return;
        try ILiquidationAdapter(adapter).assess(position) returns (address, address, uint256, uint256, uint256 health) {
            if (health < HEALTHY) return;
            record.flaggedAt = 0;
            emit ICollateralEscrow.FlagCleared(key);
        } catch {}
    }
}
