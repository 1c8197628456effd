// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ProtocolAdapter} from "../src/adapters/ProtocolAdapter.sol";
import {ILiquidationAdapter} from "../src/interfaces/ILiquidationAdapter.sol";
import {TinyLend} from "./TinyLend.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Gavel's adapter for TinyLend: the worked example of docs/how-to/integrate-a-protocol.md.
/// @notice A position is its borrower: abi.encode(address). Access control, exact approvals and measured amounts come
/// from `ProtocolAdapter`; this contract adds the protocol's own calls.
contract TinyLendAdapter is ProtocolAdapter {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    uint256 private constant POSITION_BYTES = 32;

    constructor(TinyLend lend, address escrow, address badDebtRecipient, uint256 maxPriceAge)
        ProtocolAdapter(address(lend), escrow, badDebtRecipient, maxPriceAge)
    {
        if (address(lend.COLLATERAL()) == address(lend.DEBT())) revert SameAsset(address(lend.DEBT()));
    }

    /// @inheritdoc ILiquidationAdapter
    function assess(bytes calldata position)
        public
        view
        override
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        address borrower = _borrower(position);
        TinyLend lend = _lend();
        _requireFresh(address(lend.COLLATERAL_FEED()));
        _requireFresh(address(lend.DEBT_FEED()));
        (collateral, debt) = (address(lend.COLLATERAL()), address(lend.DEBT()));
        health = lend.healthOf(borrower);
        if (health < 1e18) (repay, seizable) = lend.previewLiquidation(borrower, type(uint256).max);
    }

    /// @inheritdoc ILiquidationAdapter
    function returnSurplus(bytes calldata position, uint256 amount) external onlyEscrow {
        address borrower = _borrower(position);
        if (amount == 0) return;
        TinyLend lend = _lend();
        IERC20 token = lend.COLLATERAL();
        (uint128 collateral, uint128 debt) = lend.loans(borrower);
        if (collateral == 0 && debt != 0) {
            token.safeTransfer(BAD_DEBT_RECIPIENT, amount);
        } else {
            token.forceApprove(PROTOCOL, amount);
            lend.supply(borrower, amount.toUint128());
        }
    }

    function _tokens(bytes calldata position) internal view override returns (IERC20 collateral, IERC20 debt) {
        _borrower(position);
        return (_lend().COLLATERAL(), _lend().DEBT());
    }

    function _liquidate(bytes calldata position, uint256 repay, uint256, address) internal override {
        _lend().liquidate(_borrower(position), repay);
    }

    function _borrower(bytes calldata position) private pure returns (address) {
        if (position.length != POSITION_BYTES) revert NonCanonicalPosition();
        return _addressAt(position, 0);
    }

    function _lend() private view returns (TinyLend) {
        return TinyLend(PROTOCOL);
    }
}
