// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Lenders' float that fronts the repay of remote orders, one per debt token.
/// @notice Only the escrow may call the functions that change state. An order's life in the accounts of the vault:
/// `front` → `settle`, or `front` → `openLot` → `settleLot`, or `front` → `openLot` → `sellLot` → `absorbForfeit`.
interface IBackstopVault {
    /// @notice A keeper's part of the fees of the orders that it reported, asset units.
    struct Reward {
        address keeper;
        uint256 amount;
    }

    function asset() external view returns (address);
    /// @notice Asset units in the vault and not lent.
    function idle() external view returns (uint256);
    /// @notice Asset units that `front` may still take: idle, less what requested redemptions wait for.
    function lendable() external view returns (uint256);
    /// @notice Asset units of a market's orders that are neither paid nor written off, lots included.
    function openPrincipal(bytes32 market) external view returns (uint256);
    /// @notice The reporter's part of each settled order's fee, asset units; the order's own fee caps it.
    function reimbursementOf(uint32 payDomain) external view returns (uint256 perOrder);

    /// @notice Fronts an order: `repay` to the adapter, `keeperFee` to the lander.
    /// @param cap Most open principal of the market, asset units; recorded losses of the market consume it.
    function front(bytes32 market, uint256 cap, address adapter, uint256 repay, address lander, uint256 keeperFee)
        external;

    /// @notice Takes back the money that the lending protocol did not need; already transferred in.
    function giveBack(bytes32 market, uint256 amount) external;

    /// @notice Records orders as paid: their principal and fees are now on the pay chain.
    /// @param reward At most `reimbursementOf` the domain for each order, as far as its own fee reaches.
    function settle(bytes32 market, uint256 principal, uint256 fees, uint32 payDomain, Reward calldata reward) external;

    /// @notice Records an order as expired: its principal is now worth the proceeds of its lot.
    /// @param floor Asset units to which the lot's asking price falls. The price rests there until `restUntil` (Unix
    /// seconds) and then halves daily. Redemptions price the lot at this, deposits at its principal.
    function openLot(bytes32 market, bytes32 orderId, uint256 principal, uint256 floor, uint64 restUntil) external;

    /// @notice Records an expired order as paid after all: the proof came before the sale.
    function settleLot(bytes32 market, bytes32 orderId, uint256 fee, uint32 payDomain, Reward calldata reward) external;

    /// @notice Records a lot as sold; `proceeds` are already transferred in. The reserve advances the shortfall to the
    /// principal, as far as the reserve suffices. The rest remains an open claim on the bond until `absorbForfeit`,
    /// which must follow once, with the forfeited part of the bond, or with zero when the bond is freed.
    /// @return shortfall Principal less proceeds, asset units: what a forfeit has to cover before any bounty.
    function sellLot(bytes32 market, bytes32 orderId, uint256 proceeds) external returns (uint256 shortfall);

    /// @notice Takes a forfeit, already transferred in. The forfeit covers the order's open claim and then fills the
    /// reserve. The uncovered rest of the claim is drawn from the reserve, and what exceeds the reserve is recorded as
    /// a loss. For an order without a sold lot, or no order (zero), the whole forfeit goes to the reserve.
    function absorbForfeit(bytes32 market, bytes32 orderId, uint256 amount) external;
}
