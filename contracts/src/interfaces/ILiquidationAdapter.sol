// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title The interface between Gavel and a lending protocol.
/// @notice One contract per protocol deployment. Holds nothing between calls. Only the escrow may call functions that
/// change state.
interface ILiquidationAdapter {
    /// @notice The liquidation of a position to bid for now and to land within a minute.
    /// @param position The canonical encoding; any other encoding of the same position reverts.
    /// @return collateral The token that would be seized.
    /// @return debt The token that would be repaid.
    /// @return repay Debt units to bring to a landing: most that may be repaid now, and what interest and a small move
    /// of prices may add to it until then; 0 when the position is healthy. What the protocol does not take is refunded.
    /// @return seizable Most collateral that `repay` buys, in collateral units, after the protocol's own fee. It is a
    /// price: of an account whose whole collateral is taken it can exceed that collateral by what `repay` has in
    /// addition.
    /// @return health Health factor in WAD, the protocol's own rounding; below 1e18 is liquidatable. Of a margin call:
    /// as a part of the borrower's trigger. Where the protocol forces liquidations of healthy positions: 1e18 - 1 at
    /// most, so that below 1e18 always means that the position may be liquidated.
    /// @dev A view, also of a protocol that accrues interest by writing: the adapter counts what the write would.
    /// Reverts on a stale or missing oracle price.
    function assess(bytes calldata position)
        external
        view
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health);

    /// @notice Assesses as `assess` does, for a liquidation later in the same transaction: `repay` and `seizable` are
    /// what the protocol takes and hands out now. May keep in transient storage what the protocol answered for all of
    /// `repay`, so that the liquidation need not ask again.
    /// @dev Escrow only. The kept answers decide how the call to the protocol is written and no amount: the protocol
    /// checks the position again.
    function prepare(bytes calldata position)
        external
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health);

    /// @notice Liquidates with debt tokens already transferred to the adapter and refunds the rest to the caller.
    /// @param position The canonical encoding.
    /// @param repay Most debt to spend, already in the adapter.
    /// @param wanted Collateral wanted for all of `repay`. An adapter that can take an exact amount takes at most the
    /// part of `wanted` that belongs to the debt it spends, rounded up, and leaves the rest in the position.
    /// @param recipient Receives the collateral.
    /// @return repaid Debt units spent, measured. The recipient measures the collateral.
    function liquidate(bytes calldata position, uint256 repay, uint256 wanted, address recipient)
        external
        returns (uint256 repaid);

    /// @notice Gives surplus, already transferred in, back as collateral of the same position where the protocol can,
    /// else to the borrower. The surplus of a position with debt and no collateral goes to the bad-debt recipient.
    /// @param position The canonical encoding.
    /// @param amount Collateral units already in the adapter.
    function returnSurplus(bytes calldata position, uint256 amount) external;
}
