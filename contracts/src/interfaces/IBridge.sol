// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title Carries released payments from a pay chain to the vault's home chain.
/// @notice An implementation reverts unless the bridge took the whole amount, so a payment whose bridge refuses stays
/// where it is and can be released again.
interface IBridge {
    /// @notice The native fee `transfer` needs now, in wei.
    /// @param domain Hyperlane's domain of the destination.
    /// @param recipient The account that receives the money there.
    function quote(address token, uint256 amount, uint32 domain, address recipient) external view returns (uint256 fee);

    /// @notice Carries `amount`, which the caller has transferred in already, for exactly the quoted fee.
    /// @return transferId The bridge's own id of the transfer.
    function transfer(address token, uint256 amount, uint32 domain, address recipient)
        external
        payable
        returns (bytes32 transferId);
}
