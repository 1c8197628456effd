// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title What Gavel asks of a lending protocol.
/// @notice One contract per protocol deployment. Holds nothing between calls; only the escrow may call what changes state.
interface ILiquidationAdapter {
    /// @notice What may be liquidated of a position now.
    /// @param position The canonical encoding; any other encoding of the same position reverts.
    /// @return collateral The token that would be seized.
    /// @return debt The token that would be repaid.
    /// @return repay Most debt that may be repaid now, in debt units; 0 when the position is healthy.
    /// @return seizable Most collateral that `repay` buys, in collateral units, after the protocol's own fee.
    /// @return health Health factor in WAD, the protocol's own rounding; below 1e18 is liquidatable. Of a margin call: as a
    /// part of the borrower's trigger.
    /// @dev Reverts on a stale or missing oracle price.
    function assess(bytes calldata position)
        external
        view
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health);

    /// @notice Assesses as `assess` does, for a liquidation later in this very transaction, which need not do it again: what
    /// it asks of the protocol for all of `repay` may be kept in transient storage.
    /// @dev Escrow only. What is kept decides the wording of a call, no amount: the protocol checks the position anew.
    function prepare(bytes calldata position)
        external
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health);

    /// @notice Liquidates with debt tokens already transferred to the adapter and refunds the rest to the caller.
    /// @param position The canonical encoding.
    /// @param repay Most debt to spend, already in the adapter.
    /// @param wanted Collateral wanted for all of `repay`; adapters that can take an exact amount take no more than that for
    /// what they spend of it, pro rata and rounded up, and leave the rest in the position.
    /// @param recipient Receives the collateral.
    /// @return repaid Debt units spent, measured. The collateral is measured by whoever receives it.
    function liquidate(bytes calldata position, uint256 repay, uint256 wanted, address recipient)
        external
        returns (uint256 repaid);

    /// @notice Gives surplus, already transferred in, back as collateral of the same position where the protocol can,
    /// else to the borrower; a position with debt and no collateral gets none, its surplus goes to the bad-debt recipient.
    /// @param position The canonical encoding.
    /// @param amount Collateral units already in the adapter.
    function returnSurplus(bytes calldata position, uint256 amount) external;
}
