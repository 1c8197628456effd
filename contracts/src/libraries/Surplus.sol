// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ICollateralEscrow} from "../interfaces/ICollateralEscrow.sol";
import {EscrowState, PositionRecord} from "../types/Types.sol";
import {Amounts} from "./Amounts.sol";
import {BoundedCall} from "./BoundedCall.sol";

/// @title Splits the surplus of a liquidation between the borrower and the protocol's treasury, and pays out
/// collateral.
library Surplus {
    /// @dev Gas each token push may use; more than any sane ERC-20 transfer needs.
    uint256 private constant PUSH_GAS = 100_000;

    /// @dev Splits exactly; the remainder of the rounding is the borrower's.
    /// @param treasury Credited with its part at once.
    function split(
        EscrowState storage state,
        bytes32 market,
        bytes32 positionKey,
        address collateral,
        uint256 surplus,
        address treasury,
        uint16 borrowerBps
    ) internal {
        uint256 toTreasury = share(state, market, positionKey, collateral, surplus, borrowerBps);
        if (toTreasury != 0) credit(state, collateral, treasury, toTreasury);
    }

    /// @dev Gives the borrower its part.
    /// @return toTreasury The other part, which the caller is to credit.
    function share(
        EscrowState storage state,
        bytes32 market,
        bytes32 positionKey,
        address collateral,
        uint256 surplus,
        uint16 borrowerBps
    ) internal returns (uint256 toTreasury) {
        if (surplus == 0) return 0;
        toTreasury = Amounts.part(surplus, Amounts.BPS - borrowerBps);
        _add(state, positionKey, collateral, surplus - toTreasury);
        emit ICollateralEscrow.SurplusCredited(positionKey, market, collateral, surplus - toTreasury, toTreasury);
    }

    /// @dev Sends tokens; credits them to `to` if the token refuses it, so that no recipient can undo what others did.
    function push(EscrowState storage state, address token, address to, uint256 amount) internal {
        if (!BoundedCall.tryTransfer(token, to, amount, PUSH_GAS)) credit(state, token, to, amount);
    }

    function credit(EscrowState storage state, address token, address account, uint256 amount) internal {
        state.credits[token][account] += amount;
        emit ICollateralEscrow.Credited(token, account, amount);
    }

    /// @dev The borrower's surplus of a position, collateral units.
    function owed(EscrowState storage state, bytes32 positionKey, address collateral)
        internal
        view
        returns (uint256 amount)
    {
        PositionRecord storage record = state.positions[positionKey];
        amount = state.moreSurplus[positionKey][collateral];
        if (record.surplusToken == _tag(collateral)) amount += record.surplus;
    }

    /// @dev Takes all of the borrower's surplus of a position.
    function take(EscrowState storage state, bytes32 positionKey, address collateral)
        internal
        returns (uint256 amount)
    {
        PositionRecord storage record = state.positions[positionKey];
        amount = state.moreSurplus[positionKey][collateral];
        if (amount != 0) state.moreSurplus[positionKey][collateral] = 0;
        if (record.surplusToken == _tag(collateral)) {
            amount += record.surplus;
            record.surplus = 0;
        }
    }

    /// @dev With every known adapter a position has one collateral; a second collateral is counted apart from the
    /// first.
    function _add(EscrowState storage state, bytes32 positionKey, address collateral, uint256 amount) private {
        PositionRecord storage record = state.positions[positionKey];
        uint256 sum = record.surplus + amount;
        bool fits = record.surplus == 0 || record.surplusToken == _tag(collateral);
        if (!fits || sum > type(uint128).max) {
            state.moreSurplus[positionKey][collateral] += amount;
            return;
        }
        record.surplusToken = _tag(collateral);
        // forge-lint: disable-next-line(unsafe-typecast)
        record.surplus = uint128(sum); // checked above
    }

    function _tag(address collateral) private pure returns (uint48) {
        return uint48(uint160(collateral));
    }
}
