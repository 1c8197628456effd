// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Lenders' float that fronts the repay of remote orders, one per debt token.
/// @notice Everything here that changes anything is the escrow's alone. An order's life in the accounts of the vault:
/// `front` → `settle`, or `front` → `openLot` → `settleLot`, or `front` → `openLot` → `sellLot` → `absorbForfeit`.
interface IBackstopVault {
    /// @notice What whoever reported orders gets of their fees, asset units.
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
    /// @notice What of each settled order's fee goes to whoever reported it, asset units; its own fee caps it.
    function reimbursementOf(uint32 payDomain) external view returns (uint256 perOrder);

    /// @notice Fronts an order: `repay` to the adapter, `keeperFee` to the lander.
    /// @param cap Most open principal of the market, asset units; recorded losses of the market consume it.
    function front(bytes32 market, uint256 cap, address adapter, uint256 repay, address lander, uint256 keeperFee)
        external;

    /// @notice Takes back what the lending protocol did not need; already transferred in.
    function giveBack(bytes32 market, uint256 amount) external;

    /// @notice Records orders as paid: their principal and fees now lie on the pay chain.
    /// @param reward At most `reimbursementOf` the domain for each order, as far as its own fee reaches.
    function settle(bytes32 market, uint256 principal, uint256 fees, uint32 payDomain, Reward calldata reward) external;

    /// @notice Records an order as expired: its principal is now worth what its lot fetches.
    /// @param floor Asset units the lot's asking price falls to and rests at until `restUntil` (Unix seconds), from when it
    /// halves daily. Redemptions price the lot at this, deposits at its principal.
    function openLot(bytes32 market, bytes32 orderId, uint256 principal, uint256 floor, uint64 restUntil) external;

    /// @notice Records an expired order as paid after all: the proof came before the sale.
    function settleLot(bytes32 market, bytes32 orderId, uint256 fee, uint32 payDomain, Reward calldata reward) external;

    /// @notice Records a lot as sold; `proceeds` are already transferred in. The reserve advances what they fall short of the
    /// principal, as far as it goes. What then lacks stays an open claim on the bond until `absorbForfeit`, which must
    /// follow, once, with the forfeited part of the bond, or with zero when the bond is freed.
    /// @return shortfall Principal less proceeds, asset units: what a forfeit has to cover before any bounty.
    function sellLot(bytes32 market, bytes32 orderId, uint256 proceeds) external returns (uint256 shortfall);

    /// @notice Takes a forfeit, already transferred in: it covers the order's open claim, then fills the reserve. What the
    /// claim still lacks is drawn from the reserve and then recorded as a loss. For an order without a sold lot, or none
    /// (zero), everything goes to the reserve.
    function absorbForfeit(bytes32 market, bytes32 orderId, uint256 amount) external;
}
