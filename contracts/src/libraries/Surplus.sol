// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ICollateralEscrow} from "../interfaces/ICollateralEscrow.sol";
import {EscrowState} from "../types/Types.sol";
import {Amounts} from "./Amounts.sol";

/// @title Who gets what competition saved.
library Surplus {
    /// @dev Splits exactly; the remainder of the rounding is the borrower's.
    function split(
        EscrowState storage state,
        bytes32 market,
        bytes32 positionKey,
        address collateral,
        uint256 surplus,
        address treasury,
        uint16 borrowerBps
    ) internal {
        if (surplus == 0) return;
        uint256 toTreasury = Amounts.part(surplus, Amounts.BPS - borrowerBps);
        state.surplusOf[positionKey][collateral] += surplus - toTreasury;
        if (toTreasury != 0) credit(state, collateral, treasury, toTreasury);
        emit ICollateralEscrow.SurplusCredited(positionKey, market, collateral, surplus - toTreasury, toTreasury);
    }

    function credit(EscrowState storage state, address token, address account, uint256 amount) internal {
        state.credits[token][account] += amount;
        emit ICollateralEscrow.Credited(token, account, amount);
    }
}
